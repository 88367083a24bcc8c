/**
 * Philox 4x32-10: a block cipher used as a random number generator. Word i of stream k is a function of (i,
 * k) alone, so any part of a stream can be computed anywhere, in any order, and comes out the same.
 *
 * Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3" (SC '11), section 3.3; the
 * constants are the paper's.
 */

/** Four unsigned 32-bit words. */
export type Block = readonly [number, number, number, number];

/** Two unsigned 32-bit words. */
export type Key = readonly [number, number];

const ROUNDS = 10;
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
/** Weyl increments of the key: the golden ratio and √3 − 1, in units of 2^-32. */
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;

/** Ten rounds of Philox over one counter. All words in and out are in [0, 2^32). */
export function philox4x32(counter: Block, key: Key): Block {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = multiply(MULTIPLIERS[0], c0);
    const [high1, low1] = multiply(MULTIPLIERS[1], c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    [k0, k1] = [(k0 + WEYL[0]) >>> 0, (k1 + WEYL[1]) >>> 0];
  }
  return [c0, c1, c2, c3];
}

/**
 * The 64-bit product of two 32-bit words, as [high, low]. A double is exact to 2^53, so the halves of `b` go
 * apart.
 */
function multiply(a: number, b: number): [number, number] {
  const low = Math.imul(a, b) >>> 0;
  const lowHalf = a * (b & 0xffff);
  const highHalf = a * (b >>> 16);
  const high = Math.floor((highHalf + Math.floor(lowHalf / 2 ** 16)) / 2 ** 16);
  return [high, low];
}
