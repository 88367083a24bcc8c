/** Opens the networks of any kind of model. */

import type { AnySource } from "../../checkpoint/open";
import type { GuidanceBatch } from "../memory/batching";
import { createNetworks, type LoadedNetworks } from "./diffusersNetworks";
import type { LoadOptions } from "./load";
import { createOnnxNetworks } from "./onnx/onnxNetworks";

/**
 * A model with graphs of its own runs on those, every other on ours.
 *
 * @throws {Failure} "model-missing", "model-corrupt" or "unsupported" for the files, "out-of-memory", "device-lost".
 */
export async function openNetworks({
  source,
  ...options
}: Omit<LoadOptions, "source"> & {
  readonly source: AnySource;
  readonly guidanceBatch?: GuidanceBatch;
}): Promise<LoadedNetworks> {
  return source.kind === "onnx"
    ? createOnnxNetworks({ source, ...options })
    : createNetworks({ source, ...options });
}
