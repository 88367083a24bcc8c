import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config } from "../../../checkpoint/checkpoint";
import { decoderFacts } from "./decoderFacts";
import { largestBytes, type Span, tilePlan } from "./tilePlan";

const TINY = { _class_name: "AutoencoderTiny" };
const KL = { _class_name: "AutoencoderKL", block_out_channels: [128, 256, 512, 512] };
const MIB = 2 ** 20;

/** The limits that a plan must keep; the least limit lets the smallest tile pass. */
interface Asked {
  readonly config: Config;
  readonly height: number;
  readonly width: number;
  readonly dtypeBytes: number;
  readonly limitBytes: number;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  config: fc.constantFrom(TINY, KL, { ...TINY, num_decoder_blocks: [1, 1, 0, 1] }),
  height: fc.integer({ min: 1, max: 160 }),
  width: fc.integer({ min: 1, max: 160 }),
  dtypeBytes: fc.constantFrom(2, 4),
  limitBytes: fc.integer({ min: 16 * MIB, max: 600 * MIB }),
});

describe("a plan", () => {
  const checkAll = (check: (one: ReturnType<typeof planned>) => void) =>
    fc.assert(
      fc.property(asked, (given) => check(planned(given))),
      { numRuns: 300 },
    );

  it("is made only where the whole does not fit, and each of its tiles does", () => {
    checkAll(({ plan, bytes, height, width, limitBytes }) => {
      expect(plan === null).toBe(bytes(height, width) <= limitBytes);
      if (plan) expect(bytes(plan.height, plan.width)).toBeLessThanOrEqual(limitBytes);
    });
  });

  it("covers every latent, and neighbours share what they look at, or a quarter, or half of each", () => {
    checkAll(({ axes, reach }) => {
      for (const { extent, side, spans } of axes) {
        expect(spans[0]?.start).toBe(0);
        expect((spans.at(-1)?.start ?? 0) + side).toBe(extent);
        const wanted = reach === null ? Math.ceil(side / 4) : Math.min(2 * reach, Math.floor(side / 2));
        for (const { start, end } of seams(spans, side)) expect(end - start).toBeGreaterThanOrEqual(wanted);
      }
    });
  });

  it("fades within what neighbours share, where both are right if they share enough", () => {
    checkAll(({ axes, reach }) => {
      for (const { start, end, fade } of axes.flatMap(({ spans, side }) => seams(spans, side))) {
        const [from, to] = fade;
        const margin = Math.min(reach ?? 0, Math.floor((end - start) / 2));
        expect(from).toBeLessThanOrEqual(to);
        expect(from).toBeGreaterThanOrEqual(start + margin);
        expect(to).toBeLessThanOrEqual(end - margin);
      }
    });
  });
});

/** Where one tile begins before the one in front of it ends. */
function seams(spans: readonly Span[], side: number) {
  return spans.slice(1).map((span, i) => ({ ...span, end: (spans[i]?.start ?? 0) + side }));
}

/** The plan for what was asked, and what it is held against. */
function planned({ config, height, width, dtypeBytes, limitBytes }: Asked) {
  const facts = decoderFacts(config) ?? expect.fail("no facts");
  const plan = tilePlan(config, [1, 4, height, width], dtypeBytes, limitBytes);
  const axes = plan
    ? [
        { extent: height, side: plan.height, spans: plan.rows },
        { extent: width, side: plan.width, spans: plan.columns },
      ]
    : [];
  const bytes = (h: number, w: number) => facts.largest(h, w) * dtypeBytes;
  return { plan, axes, bytes, reach: facts.reach, height, width, limitBytes };
}

it("takes as few tiles as it can: SD 1.5 at 512 x 512 in 16 bits is two on a GPU with the least limit, three at half of that", () => {
  const dims = [1, 4, 64, 64];
  const tiles = (limit: number) => {
    const plan = tilePlan(KL, dims, 2, limit);
    return [plan?.rows.length, plan?.columns.length].sort();
  };
  expect(largestBytes(KL, dims, 2)).toBe(256 * MIB);
  expect(tilePlan(KL, dims, 2, 256 * MIB)).toBeNull();
  expect(tiles(128 * MIB)).toEqual([1, 2]);
  expect(tiles(64 * MIB)).toEqual([1, 3]);
});

it("refuses where not even the smallest tile fits, and plans nothing for what it does not know", () => {
  expect(() => tilePlan(KL, [1, 4, 64, 64], 4, MIB)).toThrow(
    /^vae_decoder: even a small part of the picture takes 16\.0 MiB in one piece, and there is room for 1\.0 MiB here\./,
  );
  expect(() => tilePlan(KL, [1, 4, 64, 64], 4, MIB)).toThrow(
    expect.objectContaining({ code: "out-of-memory" }),
  );
  expect(tilePlan({ _class_name: "VQModel" }, [1, 4, 64, 64], 4, 1)).toBeNull();
  expect(largestBytes({}, [1, 4, 64, 64], 4)).toBeNull();
});
