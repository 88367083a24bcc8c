/** Host-side tensors: plain data that can be tested in Node and posted between threads. */

import { Failure } from "./failure";

/** A dense f32 tensor in C order. */
export interface HostTensor {
  /** Extents, outermost first, e.g. [1, 4, 64, 96] for NCHW latents of a picture 512 high and 768 wide. */
  readonly dims: readonly number[];
  /** Length equals the product of `dims`. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** The tensor itself, if it is on the host. @throws {Failure} "internal" for a tensor that is kept elsewhere. */
export function onHost(tensor: { readonly dims: readonly number[] }): HostTensor {
  if (isOnHost(tensor)) return tensor;
  throw new Failure(
    "internal",
    `Wanted a tensor on the host, got one of [${tensor.dims.join(", ")}] elsewhere.`,
  );
}

function isOnHost(tensor: { readonly dims: readonly number[] }): tensor is HostTensor {
  return "data" in tensor && tensor.data instanceof Float32Array;
}

/** How many numbers a tensor of these extents holds; 1 for a scalar, []. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, extent) => product * extent, 1);
}
