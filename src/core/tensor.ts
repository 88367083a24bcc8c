/** Host-side tensors: plain data that can be tested in Node and posted between threads. */

/** A dense f32 tensor in C order. */
export interface HostTensor {
  /** Extents, outermost first, e.g. [1, 4, 64, 96] for NCHW latents of a picture 512 high and 768 wide. */
  readonly dims: readonly number[];
  /** Length equals the product of `dims`. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** How many numbers a tensor of these extents holds; 1 for a scalar, []. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, extent) => product * extent, 1);
}
