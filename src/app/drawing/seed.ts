/** Seeds as people write them: decimal digits, 0 ... 2^64 - 1. */

import { seedOf } from "../../core/seed";

/** The seed that a text names, or null if it names none. */
export function parseSeed(text: string): bigint | null {
  return seedOf(text.trim());
}

/** A seed nobody chose: 32 bits, so that it is short enough to be read aloud. */
export function randomSeed(): bigint {
  const [bits = 0] = crypto.getRandomValues(new Uint32Array(1));
  return BigInt(bits);
}
