/** The kind of a model, by the paths of its files. */

import { onnxPath } from "./onnx";
import { isPickle } from "./pickle";
import { weightsIn } from "./weights";

/**
 * "diffusers": a folder for each network, with safetensors (or pickles, which are refused) in `unet/`.
 * "onnx": graphs that came with the model, and no safetensors U-Net, which would be preferred.
 * "tiny-decoder": one network by itself, as diffusers saves it.
 * "other": perhaps one file with a whole model in it.
 */
export type LayoutKind = "diffusers" | "onnx" | "tiny-decoder" | "other";

/** @param paths of all files, "/" between names. */
export function layoutKind(paths: readonly string[]): LayoutKind {
  const inUnet = paths.filter((path) => path.startsWith("unet/"));
  if (inUnet.some((path) => path.endsWith(".safetensors"))) return "diffusers";
  if (onnxPath(paths, "unet") !== null) return "onnx";
  if (inUnet.some(isPickle)) return "diffusers";
  return isTinyDecoder(paths) ? "tiny-decoder" : "other";
}

/** True for the files of one network by itself, as diffusers saves it. */
export function isTinyDecoder(paths: readonly string[]): boolean {
  const weights = weightsIn(paths, "");
  if (weights === null || weights.isIndex || !weights.path.startsWith("diffusion_pytorch_model"))
    return false;
  return paths.includes("config.json") && !paths.some((path) => path.startsWith("unet/"));
}
