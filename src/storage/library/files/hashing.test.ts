import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunksOf, RunningHash } from "./hashing";

describe("hashing", () => {
  it("[L35] is SHA-256 at every point of the stream, and goes on from there", async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pieces, async (given) => {
        const hash = await RunningHash.start();
        const reference = createHash("sha256");
        for (const piece of given) {
          hash.update(piece);
          reference.update(piece);
          expect(hash.digest()).toBe(reference.copy().digest("hex"));
        }
        hash.restart();
        expect(hash.digest()).toBe(createHash("sha256").digest("hex"));
      }),
      { numRuns: 30 },
    );
  });

  it("[L36] gives a blob's bytes in order, no more than a chunk at a time", async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
    const chunks: Uint8Array[] = [];
    for await (const chunk of chunksOf(new Blob([bytes]), 300)) chunks.push(chunk);
    expect(chunks.map(({ length }) => length)).toEqual([300, 300, 300, 100]);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });
});
