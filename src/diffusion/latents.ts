/** The one thing samplers may do to a latent, and the host's way of doing it. */

import { Failure } from "../core/failure";
import type { Noise } from "../core/random";
import { elementCount, type HostTensor } from "../core/tensor";

/** A latent and what to multiply it by. */
export type Term<L> = readonly [coefficient: number, latent: L];

/**
 * Everything a sampler needs of latents. `L` is whatever holds one (a host tensor, a GPU buffer): samplers
 * never look inside. Each operation makes a new latent and leaves its operands alone; whoever asked for it
 * releases it.
 */
export interface LatentOps<L> {
  /** Σ coefficient · latent, over one or more latents of equal extents. */
  combine(terms: readonly Term<L>[]): L;
  /** The next draw of standard normal noise: draw 0 on the first call, then 1, 2, … */
  noise(): L;
  /**
   * Brings the spread of `latent` towards that of `reference`: latent · (φ · std(reference) / std(latent) + 1
   * − φ), with φ = `strength` in [0, 1] and std over all elements. One operation, so that a GPU need not read
   * two numbers back.
   */
  matchStandardDeviation(latent: L, reference: L, strength: number): L;
  /** Frees what holds the latent; it may not be used again. */
  release(latent: L): void;
}

/**
 * Latents of one picture as f32 host tensors; sums are accumulated in f64. Nothing to release: the garbage
 * collector sees to it.
 *
 * @param dims extents of every latent, e.g. [1, 4, 64, 96].
 * @param source where `noise()` takes draw 0, 1, 2, … from.
 */
export function hostLatents(dims: readonly number[], source: Noise): LatentOps<HostTensor> {
  const size = elementCount(dims);
  let draws = 0;
  const combine = (terms: readonly Term<HostTensor>[]): HostTensor => {
    const sum = new Float64Array(size);
    for (const [coefficient, { data }] of terms) {
      requireLength(data.length, dims);
      for (let i = 0; i < size; i++) sum[i] = (sum[i] ?? 0) + coefficient * (data[i] ?? Number.NaN);
    }
    return { dims, data: new Float32Array(sum) };
  };
  return {
    combine,
    noise() {
      const data = source(draws++, size);
      requireLength(data.length, dims);
      return { dims, data };
    },
    matchStandardDeviation(latent, reference, strength) {
      const ratio = standardDeviation(reference.data) / standardDeviation(latent.data);
      return combine([[strength * ratio + 1 - strength, latent]]);
    },
    release() {},
  };
}

function requireLength(length: number, dims: readonly number[]): void {
  if (length === elementCount(dims)) return;
  throw new Failure(
    "internal",
    `Latents here have the extents [${dims.join(", ")}], got one of ${length} elements.`,
  );
}

/** Unbiased, two passes in f64. */
function standardDeviation(data: Float32Array): number {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const squares = data.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (data.length - 1));
}
