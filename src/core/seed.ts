/** Seeds: the numbers that noise is made of. */

/** The greatest seed, 2^64 − 1; the smallest is 0. */
export const SEED_MAX = 2n ** 64n - 1n;

/** The seed that decimal digits write; null if they are no digits, or too great a number. */
export function seedOf(digits: string): bigint | null {
  if (!/^\d{1,20}$/.test(digits)) return null;
  const seed = BigInt(digits);
  return seed <= SEED_MAX ? seed : null;
}
