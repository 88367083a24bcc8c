/** Opens the networks of any kind of model. */

import type { GuidanceBatch } from "./batching";
import type { LoadOptions } from "./load";
import { createNetworks, type LoadedNetworks } from "./networks";
import { createOnnxNetworks } from "./onnxFolder/onnxNetworks";
import type { AnySource } from "./openSource";

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
