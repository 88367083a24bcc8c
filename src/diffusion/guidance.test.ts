/** Rules of guidance; the vectors of diffusers are in golden.test.ts. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { asTimestep } from "../core/units";
import { withGuidance } from "./guidance";
import { arrayOps, numberOps } from "./testing";

const t = asTimestep(500);
const never = async (): Promise<never> => {
  throw new Error("asked in vain");
};

it("[D18] at scale 1 is the prompted network itself: one pass, and the other is never asked", async () => {
  const prompted = async (x: number) => 2 * x;
  const predict = withGuidance(numberOps(), { prompted, both: never }, { scale: 1, rescale: 0.7 });
  expect(predict).toBe(prompted);
  expect(await predict(21, t)).toBe(42);
});

it("[D19] goes scale times the way from unprompted to prompted", async () => {
  const number = fc.double({ min: -10, max: 10, noNaN: true });
  await fc.assert(
    fc.asyncProperty(
      number,
      number,
      fc.double({ min: -5, max: 15, noNaN: true }),
      async (prompted, unprompted, scale) => {
        const network = { prompted: async () => prompted, both: async () => [prompted, unprompted] as const };
        const predict = withGuidance(numberOps(), network, { scale, rescale: 0 });
        expect(await predict(0, t)).toBeCloseTo(unprompted + scale * (prompted - unprompted), 9);
      },
    ),
  );
});

it("[D20] rescaled in full has the spread of the prompted prediction, and the direction of the guided one", async () => {
  const latent = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      latent,
      latent,
      fc.double({ min: 1.5, max: 12, noNaN: true }),
      async (prompted, unprompted, scale) => {
        fc.pre(spread(prompted) > 0.1);
        const ops = arrayOps(8, () => 0);
        const network = { prompted: never, both: async () => [prompted, unprompted] as const };
        const guided = await withGuidance(ops, network, { scale, rescale: 0 })(prompted, t);
        fc.pre(spread(guided) > 0.1);
        const rescaled = await withGuidance(ops, network, { scale, rescale: 1 })(prompted, t);
        const half = await withGuidance(ops, network, { scale, rescale: 0.5 })(prompted, t);
        const ratio = spread(prompted) / spread(guided);
        expect(spread(rescaled)).toBeCloseTo(spread(prompted), 9);
        expect(rescaled).toEqual(guided.map((value) => expect.closeTo(value * ratio, 9)));
        expect(half).toEqual(guided.map((value) => expect.closeTo(value * (0.5 * ratio + 0.5), 9)));
      },
    ),
  );
});

it.each([0, 0.7])(
  "[D21] frees both predictions, and what is made on the way, at rescale %d",
  async (rescale) => {
    const made: number[][] = [];
    const released: unknown[] = [];
    const inner = arrayOps(2, () => 0);
    const keep = <T>(latent: T): T => {
      made.push(latent as number[]);
      return latent;
    };
    const ops: typeof inner = {
      combine: (terms) => keep(inner.combine(terms)),
      noise: () => keep(inner.noise()),
      matchStandardDeviation: (...all) => keep(inner.matchStandardDeviation(...all)),
      release: (latent) => released.push(latent),
    };
    const both = [
      [1, 2],
      [0, 5],
    ] as const;
    const result = await withGuidance(
      ops,
      { prompted: never, both: async () => both },
      { scale: 3, rescale },
    )([0, 0], t);
    expect(new Set(released)).toEqual(new Set([...both, ...made.filter((latent) => latent !== result)]));
    expect(released).toHaveLength(made.length + 1);
  },
);

it.each([
  [{ scale: Number.NaN, rescale: 0 }, /Guidance is a finite number/],
  [{ scale: Number.POSITIVE_INFINITY, rescale: 0 }, /Guidance is a finite number/],
  [{ scale: 5, rescale: -0.1 }, /from 0 to 1/],
  [{ scale: 1, rescale: 1.5 }, /from 0 to 1/],
])("[D38] refuses %o", (guidance, message) => {
  expect(() => withGuidance(numberOps(), { prompted: never, both: never }, guidance)).toThrow(
    expect.objectContaining({ code: "bad-request", message: expect.stringMatching(message) }),
  );
});

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
