/** Which files of a ready-made ONNX folder hold which network, by names that exporters and their users give them. */

import { Failure } from "../../core/failure";

/** Networks of an ONNX folder that are run. */
export type OnnxNetworkName = "text_encoder" | "text_encoder_2" | "unet" | "vae_decoder";

/** A path for each network that is there. */
export type OnnxPaths = Readonly<Record<Exclude<OnnxNetworkName, "text_encoder_2">, string>> & {
  readonly text_encoder_2: string | null;
};

const NAMES: Readonly<Record<OnnxNetworkName, RegExp>> = {
  text_encoder: /(^|[^a-z])text_encoder(?!_2)([^a-z]|$)/,
  text_encoder_2: /(^|[^a-z])text_encoder_2([^a-z0-9]|$)/,
  unet: /(^|[^a-z])unet([^a-z]|$)/,
  vae_decoder: /(^|[^a-z])vae_decoder([^a-z]|$)/,
};
/** Networks that look alike by name, and twins of those above for other machines. */
const OTHERS = /controlnet|qdq|vae_encoder|safety_checker/;
const SAFETENSORS_UNET = /^unet\/[^/]+\.safetensors(\.index\.json)?$/;

/** True for a folder whose U-Net is an ONNX file, and not there as safetensors too: those run as they are, and take LoRAs. */
export function isOnnxFolder(paths: readonly string[]): boolean {
  return find(paths, "unet") !== null && !paths.some((path) => SAFETENSORS_UNET.test(path));
}

/** @throws {Failure} "model-missing" if a network that every model has is not there. */
export function onnxPaths(paths: readonly string[]): OnnxPaths {
  const required = (name: OnnxNetworkName): string => {
    const path = find(paths, name);
    if (path !== null) return path;
    throw new Failure(
      "model-missing",
      `The folder has no ${name}; wanted ${name}/model.onnx, or one .onnx file with ${name} in its name.`,
    );
  };
  return {
    text_encoder: required("text_encoder"),
    text_encoder_2: find(paths, "text_encoder_2"),
    unet: required("unet"),
    vae_decoder: required("vae_decoder"),
  };
}

/** Of several, the one with the plainest name: `model.onnx` before `model_layernorm.onnx`. */
function find(paths: readonly string[], name: OnnxNetworkName): string | null {
  const fitting = paths.filter((path) => {
    const plain = path.toLowerCase().replaceAll("-", "_");
    return plain.endsWith(".onnx") && !OTHERS.test(plain) && NAMES[name].test(plain);
  });
  return fitting.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? null;
}
