import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { philoxNormals, seededNoise } from "./random";

describe("philoxNormals", () => {
  it("gives the numbers of torch.randn((3, 4)) on CUDA with seed 0", () => {
    const published = [
      [-0.92466259, -0.42534415, -2.6438457, 0.14518388],
      [-0.12086647, -0.57972564, -0.62285122, -0.32838709],
      [-1.07454231, -0.36314407, -1.67105067, 2.26550497],
    ].flat();
    expect([...philoxNormals(0n, 0, 12)]).toEqual(published.map((value) => expect.closeTo(value, 6)));
  });

  it("reads the high half of the seed, and every draw, as a stream of its own", () => {
    const streams = [
      philoxNormals(1n, 0, 4),
      philoxNormals(1n + (1n << 32n), 0, 4),
      philoxNormals(2n ** 64n - 1n, 0, 4),
      philoxNormals(1n, 1, 4),
    ];
    expect(new Set(streams.map(String)).size).toBe(streams.length);
  });

  it("makes number i alone of i: a longer draw starts with the shorter one", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.nat(100), fc.nat(64), (seed, offset, count) => {
        expect(philoxNormals(seed, offset, 64).slice(0, count)).toEqual(philoxNormals(seed, offset, count));
      }),
    );
  });

  it("is standard normal: moments, symmetry and tails, and independent from one number and draw to the next", () => {
    const count = 50_000;
    for (const seed of [42n, 0xdeadbeef12345678n]) {
      const draws = philoxNormals(seed, 0, count);
      const next = philoxNormals(seed, 1, count);
      const moment = (power: number): number => draws.reduce((sum, x) => sum + x ** power, 0) / count;
      const share = (limit: number): number => draws.filter((x) => Math.abs(x) > limit).length / count;
      const lag = draws.reduce((sum, x, i) => sum + x * (draws[(i + 1) % count] ?? 0), 0) / count;
      const across = draws.reduce((sum, x, i) => sum + x * (next[i] ?? 0), 0) / count;
      // Five standard errors: √(1/n), √(2/n), √(15/n), √(96/n) for the moments, √(p(1 − p)/n) for the shares.
      expect(Math.abs(moment(1))).toBeLessThan(0.0224);
      expect(Math.abs(moment(2) - 1)).toBeLessThan(0.0317);
      expect(Math.abs(moment(3))).toBeLessThan(0.0867);
      expect(Math.abs(moment(4) - 3)).toBeLessThan(0.22);
      expect(Math.abs(share(1) - 0.317311)).toBeLessThan(0.0105);
      expect(Math.abs(share(2) - 0.0455)).toBeLessThan(0.0047);
      expect(Math.abs(share(3) - 0.0027)).toBeLessThan(0.0012);
      expect(Math.abs(lag)).toBeLessThan(0.0224);
      expect(Math.abs(across)).toBeLessThan(0.0224);
      expect(draws.every(Number.isFinite)).toBe(true);
    }
  });

  it.each([-1n, 2n ** 64n])("refuses the seed %s, and says which are allowed", (seed) => {
    expect(() => philoxNormals(seed, 0, 1)).toThrow(
      expect.objectContaining({
        code: "bad-request",
        message: expect.stringContaining("18446744073709551615"),
      }),
    );
  });
});

describe("seededNoise", () => {
  it("gives draw k at offset k, in any order", () => {
    const noise = seededNoise(7n);
    const second = noise(1, 6);
    expect(noise(0, 6)).toEqual(philoxNormals(7n, 0, 6));
    expect(second).toEqual(philoxNormals(7n, 1, 6));
  });
});
