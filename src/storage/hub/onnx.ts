/** Which files of a repository of ready-made ONNX networks make up its model, by the names that exporters give them. */

import { Failure } from "../../core/failure";
import type { PlannedFile } from "../../protocol/library";
import type { Repository } from "./repository";

/** Networks that are run, with whether every model has one; in file names they stand between other signs than letters. */
const ROLES = [
  { name: "text_encoder", pattern: /(^|[^a-z])text_encoder(?!_2)([^a-z]|$)/, isRequired: true },
  { name: "text_encoder_2", pattern: /(^|[^a-z])text_encoder_2([^a-z0-9]|$)/, isRequired: false },
  { name: "unet", pattern: /(^|[^a-z])unet([^a-z]|$)/, isRequired: true },
  { name: "vae_decoder", pattern: /(^|[^a-z])vae_decoder([^a-z]|$)/, isRequired: true },
] as const;
/** Networks that look alike by name, and twins of those above for other machines. */
const OTHERS = /controlnet|qdq|vae_encoder|safety_checker/;
/** Papers: small, and the more of them the better a model is understood. */
const CONFIG_FILES =
  /^([\w-]+\/)*(model_index|config|scheduler_config|vocab|tokenizer_config|special_tokens_map|generation_config)\.json$|^([\w-]+\/)*merges\.txt$/;
const UNWANTED = /(^|\/)(safety_checker|feature_extractor|vae_encoder|controlnet)\//;
/** Names that weights beside a graph have, where the host does not list its files. */
const DATA_NAMES = ["model.onnx_data", "model.onnx.data", "weights.pb"];

/** True if the repository lists a U-Net as ONNX. */
export function hasOnnx(paths: readonly string[]): boolean {
  return graphFor(paths, ROLES[2].pattern) !== null;
}

/** @throws {Failure} "model-missing" if a network that every model has is not there. */
export async function onnxFiles(repository: Repository): Promise<PlannedFile[]> {
  const paths = repository.paths === null ? await usualPaths(repository) : listedPaths(repository.paths);
  const files = await Promise.all(paths.map((path) => repository.find(path)));
  return files.filter((file) => file !== null);
}

function listedPaths(paths: readonly string[]): string[] {
  const graphs = ROLES.flatMap(({ name, pattern, isRequired }) => {
    const graph = graphFor(paths, pattern);
    if (graph === null && isRequired) throw withoutNetwork(name);
    return graph ?? [];
  });
  const data = paths.filter((path) => graphs.some((graph) => isDataOf(graph, path)));
  return [...graphs, ...data, ...paths.filter((path) => CONFIG_FILES.test(path) && !UNWANTED.test(path))];
}

/** Of several, the one with the plainest name: `model.onnx` before `model_layernorm.onnx`. */
function graphFor(paths: readonly string[], pattern: RegExp): string | null {
  const fitting = paths.filter((path) => {
    const plain = path.toLowerCase().replaceAll("-", "_");
    return plain.endsWith(".onnx") && !OTHERS.test(plain) && pattern.test(plain);
  });
  return fitting.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? null;
}

/** A graph in a folder of its own may call its weights what it likes; several in one folder name theirs after themselves. */
function isDataOf(graph: string, path: string): boolean {
  const cut = graph.lastIndexOf("/") + 1;
  if (!path.startsWith(graph.slice(0, cut)) || path.slice(cut).includes("/")) return false;
  const name = path.slice(cut);
  if (name === "weights.pb") return true;
  if (!/(\.onnx_data|\.data)(_\d+)?$/.test(name)) return false;
  return graph.endsWith("/model.onnx") || name.startsWith(graph.slice(cut, -".onnx".length));
}

async function usualPaths(repository: Repository): Promise<string[]> {
  const isThere = async (path: string) => (await repository.find(path)) !== null;
  const paths = ["model_index.json", "scheduler/scheduler_config.json"];
  for (const { name, isRequired } of ROLES) {
    const found = await isThere(`${name}/model.onnx`);
    if (!found && isRequired) throw withoutNetwork(name);
    if (found) paths.push(...["model.onnx", "config.json", ...DATA_NAMES].map((file) => `${name}/${file}`));
  }
  for (const name of ["tokenizer", "tokenizer_2"])
    for (const file of ["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"])
      paths.push(`${name}/${file}`);
  return paths;
}

function withoutNetwork(name: string): Failure {
  return new Failure("model-missing", `The repository has no ${name} as ONNX, which every model has.`);
}
