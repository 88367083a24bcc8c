/** Seeds as people write them: decimal digits, 0 ... 2^64 - 1. */

const SEED_MAX = 2n ** 64n - 1n;

/** The seed that a text names, or null if it names none. */
export function parseSeed(text: string): bigint | null {
  const digits = text.trim();
  if (!/^\d{1,20}$/.test(digits)) return null;
  const seed = BigInt(digits);
  return seed <= SEED_MAX ? seed : null;
}

/** A seed nobody chose: 32 bits, so that it is short enough to be read aloud. */
export function randomSeed(): bigint {
  const [bits = 0] = crypto.getRandomValues(new Uint32Array(1));
  return BigInt(bits);
}
