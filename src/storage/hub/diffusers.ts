/** Plans the files of a repository in diffusers' layout: the components that `model_index.json` names, and what our own models have besides. */

import * as v from "valibot";
import {
  configPath,
  isExtra,
  SCHEDULER_FILE,
  TOKENIZER_FOLDERS,
  TOKENIZER_SETTINGS,
  VOCABULARIES,
  WEIGHT_STEMS,
  withoutVocabulary,
} from "../../checkpoint/layout/diffusers";
import { Failure } from "../../core/failure";
import type { PlannedFile } from "../../protocol/library";
import { type Repository, required } from "./repository";
import { weightFiles } from "./weights";

/** Components by name, each with the library and the class that save it; null where the pipeline goes without. */
const PAIR = v.tuple([v.nullable(v.string()), v.nullable(v.string())]);
const INDEX = v.record(v.string(), v.unknown());
/** Everything that is needed of the repository that `index`, its `model_index.json`, describes. */
export async function diffusersFiles(repository: Repository, index: PlannedFile): Promise<PlannedFile[]> {
  const components = componentsOf(await repository.json(index, INDEX));
  const networks = Object.entries(WEIGHT_STEMS).filter(([name]) => components.has(name));
  const parts = await inOrder([
    ...networks.map(([name, stem]) => networkFiles(repository, name, stem)),
    ...TOKENIZER_FOLDERS.filter((name) => components.has(name)).map((name) =>
      tokenizerFiles(repository, name),
    ),
    required(repository, SCHEDULER_FILE).then((file) => [file]),
    extraFiles(repository),
  ]);
  return [index, ...parts.flat()];
}

/** All results, or the first failure in the order of the promises, whichever of them fails first in time. */
async function inOrder<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

/** @throws {Failure} "unsupported" for a pipeline that no graph of ours can serve, whatever its weights. */
export function componentsOf(index: v.InferOutput<typeof INDEX>): ReadonlySet<string> {
  const present = Object.entries(index).filter(([, pair]) => v.is(PAIR, pair) && pair[1] !== null);
  const components = new Set(present.map(([name]) => name));
  if (components.has("unet")) return components;
  const kind = typeof index["_class_name"] === "string" ? index["_class_name"] : "pipeline without a name";
  throw new Failure(
    "unsupported",
    `This is a ${kind}, of ${[...components].join(", ") || "nothing"}; wanted one with a U-Net, as Stable Diffusion 1.x, 2.x and XL and what was made from them have.`,
  );
}

/** `model_index.json`, as far as it says whether its networks are ONNX files. */
export function isOnnxIndex(index: v.InferOutput<typeof INDEX>): boolean {
  return Object.values(index).some((pair) => v.is(PAIR, pair) && /^(Onnx|ORT)/.test(pair[1] ?? ""));
}

/** Reads `model_index.json`. */
export function readIndex(repository: Repository, index: PlannedFile): Promise<v.InferOutput<typeof INDEX>> {
  return repository.json(index, INDEX);
}

async function networkFiles(repository: Repository, name: string, stem: string): Promise<PlannedFile[]> {
  const [config, weights] = await Promise.all([
    required(repository, configPath(name)),
    weightFiles(repository, name, stem),
  ]);
  return [config, ...weights];
}

/** The words, in the first form that is there, and what tells start, end and padding apart. */
async function tokenizerFiles(repository: Repository, folder: string): Promise<PlannedFile[]> {
  const find = async (names: readonly string[]) => {
    const files = await Promise.all(names.map((name) => repository.find(`${folder}/${name}`)));
    return files.filter((file) => file !== null);
  };
  for (const names of VOCABULARIES) {
    const words = await find(names);
    if (words.length === names.length) return [...words, ...(await find(TOKENIZER_SETTINGS))];
  }
  throw new Failure("model-missing", `The repository ${withoutVocabulary(folder)}`);
}

/** Only where the host lists its files: elsewhere each would be a question in vain. */
async function extraFiles(repository: Repository): Promise<PlannedFile[]> {
  const paths = repository.paths?.filter((path) => isExtra(path)) ?? [];
  const files = await Promise.all(paths.map((path) => repository.find(path)));
  return files.filter((file) => file !== null);
}
