/** Pictures as bytes that a canvas can show. */

import { Failure } from "./failure";

/** Rows of R, G, B, A bytes, top-left first; `bytes.length === 4 * widthPx * heightPx`. */
export interface Rgba {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bytes: Uint8ClampedArray<ArrayBuffer>;
}

/** RGB in [-1, 1] = latent · matrix + bias, for latents as the sampler sees them. */
export interface RgbMap {
  /** One row of [red, green, blue] per latent channel. */
  readonly matrix: readonly (readonly [number, number, number])[];
  readonly bias: readonly [number, number, number];
}

/** The failure for a picture in which `level`, a number that is not finite, stands for a colour. */
export function brokenLevel(level: number): Failure {
  return new Failure(
    "internal",
    `The model answered with ${level} where a colour was due, so there is no picture; try another seed, or run it on the processor.`,
  );
}
