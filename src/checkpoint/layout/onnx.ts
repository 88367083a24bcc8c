/** The files of a folder of ready-made ONNX networks, by the names that exporters and their users give them. */

import { Failure } from "../../core/failure";
import { TOKENIZER_FILES, TOKENIZER_FOLDERS, vocabularyIn } from "./diffusers";

/** Networks of an ONNX folder that are run. */
export type OnnxNetworkName = "text_encoder" | "text_encoder_2" | "unet" | "vae_decoder";

/** A path for each network that is there. */
export type OnnxPaths = Readonly<Record<Exclude<OnnxNetworkName, "text_encoder_2">, string>> & {
  readonly text_encoder_2: string | null;
};

/** In file names a network's name stands between other signs than letters. */
const NAMES: Readonly<Record<OnnxNetworkName, RegExp>> = {
  text_encoder: /(^|[^a-z])text_encoder(?!_2)([^a-z]|$)/,
  text_encoder_2: /(^|[^a-z])text_encoder_2([^a-z0-9]|$)/,
  unet: /(^|[^a-z])unet([^a-z]|$)/,
  vae_decoder: /(^|[^a-z])vae_decoder([^a-z]|$)/,
};
/** Networks that look alike by name, and twins of those above for other machines. */
const OTHERS = /controlnet|qdq|vae_encoder|safety_checker/;
const CONFIG_FILES =
  /^([\w-]+\/)*(model_index|config|scheduler_config|vocab|tokenizer|tokenizer_config|special_tokens_map|generation_config)\.json$|^([\w-]+\/)*merges\.txt$/;
const UNWANTED_FOLDERS = /(^|\/)(safety_checker|feature_extractor|vae_encoder|controlnet)\//;
/** Weights beside `model.onnx`, as exporters name them. */
const DATA_NAMES = ["model.onnx_data", "model.onnx.data", "weights.pb"];

/** Path of one network's graph. Of several, the one with the plainest name: `model.onnx` before `model_layernorm.onnx`. Null if there is none. */
export function onnxPath(paths: readonly string[], name: OnnxNetworkName): string | null {
  const fitting = paths.filter((path) => {
    const plain = path.toLowerCase().replaceAll("-", "_");
    return plain.endsWith(".onnx") && !OTHERS.test(plain) && NAMES[name].test(plain);
  });
  return fitting.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? null;
}

/**
 * The graphs that are run.
 *
 * @param holder of the files, for the message.
 * @throws {Failure} "model-missing" if a network that every model has is not there.
 */
export function onnxPaths(paths: readonly string[], holder: "folder" | "repository"): OnnxPaths {
  const required = (name: OnnxNetworkName): string => {
    const path = onnxPath(paths, name);
    if (path !== null) return path;
    throw new Failure(
      "model-missing",
      `The ${holder} has no ${name}; wanted ${name}/model.onnx, or one .onnx file with ${name} in its name.`,
    );
  };
  return {
    text_encoder: required("text_encoder"),
    text_encoder_2: onnxPath(paths, "text_encoder_2"),
    unet: required("unet"),
    vae_decoder: required("vae_decoder"),
  };
}

/** Everything of a listing that its model is made of: graphs, the weights beside them, configurations. @throws {Failure} as {@link onnxPaths}. */
export function onnxModelFiles(paths: readonly string[]): string[] {
  const graphs = Object.values(onnxPaths(paths, "repository")).filter((path) => path !== null);
  const data = paths.filter((path) => graphs.some((graph) => isDataOf(graph, path)));
  const configs = paths.filter((path) => CONFIG_FILES.test(path) && !UNWANTED_FOLDERS.test(path));
  return [...graphs, ...data, ...configs.filter((path) => !isSpare(path, paths))];
}

/** True for a tokenizer.json whose folder has its words in the files that are read first. */
function isSpare(path: string, paths: readonly string[]): boolean {
  if (!/(^|\/)tokenizer\.json$/.test(path)) return false;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return vocabularyIn((name) => paths.includes(folder + name))?.includes("tokenizer.json") === false;
}

/** A graph in a folder of its own may call its weights what it likes, in folders below too; several in one folder name theirs after themselves. */
function isDataOf(graph: string, path: string): boolean {
  const cut = graph.lastIndexOf("/") + 1;
  if (!path.startsWith(graph.slice(0, cut))) return false;
  const name = path.slice(cut);
  if (name === "weights.pb") return true;
  if (!/(\.onnx_data|\.data)(_\d+)?$/.test(name)) return false;
  return (
    graph.endsWith("/model.onnx") ||
    (!name.includes("/") && name.startsWith(graph.slice(cut, -".onnx".length)))
  );
}

/** The paths that such a model has as a rule: for hosts that do not list files. Each but the graphs may be missing. */
export function usualOnnxFiles(): string[] {
  const networks = ["text_encoder", "text_encoder_2", "unet", "vae_decoder"];
  const tokenizers = TOKENIZER_FOLDERS.flatMap((folder) =>
    TOKENIZER_FILES.map((name) => `${folder}/${name}`),
  );
  return [
    "model_index.json",
    "scheduler/scheduler_config.json",
    ...networks.flatMap((name) =>
      ["model.onnx", "config.json", ...DATA_NAMES].map((file) => `${name}/${file}`),
    ),
    ...tokenizers,
  ];
}
