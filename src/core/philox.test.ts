import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Block, type Key, philox4x32 } from "./philox";

/** The philox4x32 lines with 10 rounds of Random123's own kat_vectors. */
const KNOWN_ANSWERS: readonly { counter: Block; key: Key; out: Block }[] = [
  { counter: [0, 0, 0, 0], key: [0, 0], out: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    out: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    out: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

describe("philox4x32", () => {
  it.each(KNOWN_ANSWERS)("gives Random123's answer for counter $counter", ({ counter, key, out }) => {
    expect(philox4x32(counter, key)).toEqual(out);
  });

  it("equals the paper's rounds in exact 64-bit arithmetic", () => {
    const word = fc.nat(0xffffffff);
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        expect(philox4x32(counter, key)).toEqual(exactPhilox(counter, key));
      }),
    );
  });
});

function exactPhilox(counter: Block, key: Key): number[] {
  let [l0, r0, l1, r1] = counter.map(BigInt);
  const [k0, k1] = key.map(BigInt);
  for (let round = 0n; round < 10n; round++) {
    const a = 0xd2511f53n * (l0 ?? 0n);
    const b = 0xcd9e8d57n * (l1 ?? 0n);
    const roundKey0 = ((k0 ?? 0n) + round * 0x9e3779b9n) & 0xffffffffn;
    const roundKey1 = ((k1 ?? 0n) + round * 0xbb67ae85n) & 0xffffffffn;
    [l0, r0, l1, r1] = [
      (b >> 32n) ^ (r0 ?? 0n) ^ roundKey0,
      b & 0xffffffffn,
      (a >> 32n) ^ (r1 ?? 0n) ^ roundKey1,
      a & 0xffffffffn,
    ];
  }
  return [l0, r0, l1, r1].map(Number);
}
