/** Which files of a repository in diffusers' layout make up its model: what `model_index.json` names, half-size weights first, no pickles. */

import * as v from "valibot";
import { Failure } from "../../core/failure";
import type { PlannedFile } from "../../protocol/library";
import type { Repository } from "./repository";

/** Components by name, each with the library and the class that save it; null where the pipeline goes without. */
const PAIR = v.tuple([v.nullable(v.string()), v.nullable(v.string())]);
const INDEX = v.record(v.string(), v.unknown());
const SHARDS = v.object({
  weight_map: v.record(
    v.string(),
    // A name and nothing else: no folder, no way out of one.
    v.pipe(v.string(), v.regex(/^\w[\w.-]*\.safetensors$/)),
  ),
});

/** How diffusers and transformers name the weights of each component. */
const STEMS: Readonly<Record<string, string>> = {
  text_encoder: "model",
  text_encoder_2: "model",
  unet: "diffusion_pytorch_model",
  vae: "diffusion_pytorch_model",
};
const TOKENIZERS = ["tokenizer", "tokenizer_2"];
/** What our own models have besides, and a tiny decoder for previews, which any may have. */
const EXTRAS =
  /^(afterimage\.json|prompt_match\/(config\.json|model\.safetensors)|few_step\/[\w.-]+\.safetensors|taesd\/(config\.json|diffusion_pytorch_model\.safetensors))$/;

/** Everything that is needed of the repository that `index`, its `model_index.json`, describes. */
export async function diffusersFiles(repository: Repository, index: PlannedFile): Promise<PlannedFile[]> {
  const components = componentsOf(await repository.json(index, INDEX));
  const networks = Object.keys(STEMS).filter((name) => components.has(name));
  const parts = await Promise.all([
    ...networks.map((name) => networkFiles(repository, name)),
    ...TOKENIZERS.filter((name) => components.has(name)).map((name) => tokenizerFiles(repository, name)),
    required(repository, "scheduler/scheduler_config.json").then((file) => [file]),
    extraFiles(repository),
  ]);
  return [index, ...parts.flat()];
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

async function networkFiles(repository: Repository, name: string): Promise<PlannedFile[]> {
  const [config, weights] = await Promise.all([
    required(repository, `${name}/config.json`),
    weightFiles(repository, name),
  ]);
  return [config, ...weights];
}

async function weightFiles(repository: Repository, name: string): Promise<PlannedFile[]> {
  const stem = `${name}/${STEMS[name]}`;
  const whole = (variant: string) => `${stem}${variant}.safetensors`;
  const candidates = [
    whole(".fp16"),
    `${stem}.safetensors.index.fp16.json`,
    `${stem}.fp16.safetensors.index.json`,
    whole(""),
    `${stem}.safetensors.index.json`,
  ];
  for (const path of candidates) {
    const file = await repository.find(path);
    if (file === null) continue;
    return path.endsWith(".json") ? [file, ...(await shardsOf(repository, file))] : [file];
  }
  throw await withoutWeights(repository, name);
}

async function shardsOf(repository: Repository, index: PlannedFile): Promise<PlannedFile[]> {
  const { weight_map } = await repository.json(index, SHARDS);
  const folder = index.path.slice(0, index.path.lastIndexOf("/"));
  const shards = [...new Set(Object.values(weight_map))].sort();
  return Promise.all(shards.map((shard) => required(repository, `${folder}/${shard}`)));
}

async function withoutWeights(repository: Repository, name: string): Promise<Failure> {
  const pickles = [`${name}/${STEMS[name]}.bin`, `${name}/pytorch_model.bin`];
  const found = await Promise.all(pickles.map((path) => repository.find(path)));
  const pickle = found.find((file) => file !== null);
  if (pickle === undefined) return new Failure("model-missing", `The repository has no weights in ${name}/.`);
  return new Failure(
    "unsupported",
    `${pickle.path} is a pickle, which can run code of its maker's, and the repository has no .safetensors beside it; choose a copy of the model that has.`,
  );
}

/** Vocabulary and merges, and what tells start, end and padding apart. */
export async function tokenizerFiles(repository: Repository, name: string): Promise<PlannedFile[]> {
  return Promise.all([
    required(repository, `${name}/vocab.json`),
    required(repository, `${name}/merges.txt`),
    required(repository, `${name}/tokenizer_config.json`),
    repository.find(`${name}/special_tokens_map.json`),
  ]).then((files) => files.filter((file) => file !== null));
}

/** Only where the host lists its files: elsewhere each would be a question in vain. */
async function extraFiles(repository: Repository): Promise<PlannedFile[]> {
  const paths = repository.paths?.filter((path) => EXTRAS.test(path)) ?? [];
  const files = await Promise.all(paths.map((path) => repository.find(path)));
  return files.filter((file) => file !== null);
}

async function required(repository: Repository, path: string): Promise<PlannedFile> {
  const file = await repository.find(path);
  if (file !== null) return file;
  throw new Failure("model-missing", `The repository has no ${path}, which a model needs.`);
}
