/** Seeded noise, so that one seed is one picture on every machine, alone or in a batch. */

import { Failure } from "./failure";
import { type Key, philox4x32 } from "./philox";
import { SEED_MAX } from "./seed";

/**
 * Noise by draw: 0 for the initial latent, 1, 2, … for each noise added on the way. Same draw, same `count`
 * numbers.
 */
export type Noise = (draw: number, count: number) => Float32Array<ArrayBuffer>;

/** 2π in single precision, as cuRAND and its imitations hold it. */
const TWO_PI = Math.fround(2 * Math.PI);

/**
 * Standard normals of a seed: those of torch.randn on CUDA, which AUTOMATIC1111 calls `RNG: NV`.
 *
 * Number i is made of the Philox block with counter (offset, 0, i, 0) and key (seed mod 2^32, ⌊seed / 2^32⌋):
 * with its first two words x and y, u = (x + ½) / 2^32 and v = (y + ½) / 2^32, the Box-Muller transform √(−2
 * ln u) · sin(2π v). (torch lays a tensor out so up to the number of threads of one launch, well above the
 * latents of common sizes.)
 *
 * @param seed 0 … 2^64 − 1.
 * @param offset which draw, 0 … 2^32 − 1.
 * @throws {Failure} "bad-request" for a seed outside its range.
 */
export function philoxNormals(seed: bigint, offset: number, count: number): Float32Array<ArrayBuffer> {
  const key = philoxKey(seed);
  return Float32Array.from({ length: count }, (_, i) => {
    const [x, y] = philox4x32([offset, 0, i, 0], key);
    const u = (x + 0.5) / 2 ** 32;
    const v = (y + 0.5) / 2 ** 32;
    return Math.sqrt(-2 * Math.log(u)) * Math.sin(TWO_PI * v);
  });
}

/** A seed as a key: its low half, its high half. @throws {Failure} "bad-request" for a seed outside 0 … 2^64 − 1. */
export function philoxKey(seed: bigint): Key {
  if (seed < 0n || seed > SEED_MAX) {
    throw new Failure("bad-request", `A seed is a whole number from 0 to ${SEED_MAX}, got ${seed}.`);
  }
  return [Number(seed & 0xffffffffn), Number(seed >> 32n)];
}

/** The noise of a seed: draw k is {@link philoxNormals} at offset k. */
export function seededNoise(seed: bigint): Noise {
  return (draw, count) => philoxNormals(seed, draw, count);
}
