/** The cost of more steps, larger pictures and more of them. It should grow as the work does; else we add something that we should not. */

import { sum } from "../core/numbers";
import type { ScalingPoint } from "../protocol/bench";
import { drawn } from "./drawn";
import { type Lap, lapsOf } from "./lap";
import { rounded } from "./statistics";
import { recipeOf, type Subject, type Surroundings } from "./subject";

type Point = Omit<ScalingPoint, "measured">;

/** Where one of the three is varied, the others stay here. */
const BASE: Point = { steps: 10, sidePx: 256, pictures: 1 };
const STEPS = [1, 5, 20, 50];
const SIDES_PX = [128, 384, 512];
const BATCHES = [2, 3, 4];
/** A unit of work is one step on one picture of this side. */
const UNIT_PX = 128;
/** Each point is drawn once with its bare calls beside it, and its size is drawn once before. */
const PASSES = 2.2;
/** Text embeddings are cached, so none may be drawn twice. */
const FIRST_SEED = 20_000;
const SEEDS_PER_POINT = 10;

/** The cheap ones first, since they tell what the others will cost. */
const POINTS: readonly Point[] = [
  { ...BASE, sidePx: 128 },
  BASE,
  ...STEPS.map((steps) => ({ ...BASE, steps })),
  ...BATCHES.map((pictures) => ({ ...BASE, pictures })),
  ...SIDES_PX.filter((sidePx) => sidePx > UNIT_PX).map((sidePx) => ({ ...BASE, sidePx })),
];

/** Units of work, of which every pixel counts. */
function workOf({ steps, sidePx, pictures }: Point): number {
  return steps * pictures * (sidePx / UNIT_PX) ** 2;
}

/**
 * The table: points in order of steps, then size, then pictures.
 *
 * @param budgetMs what all of it may take; a point that would take more than is left is left out.
 */
export async function scaling(
  budgetMs: number,
  subject: Subject,
  surroundings: Surroundings,
  onPoint: (done: number, total: number) => void,
): Promise<readonly ScalingPoint[]> {
  if (budgetMs === 0) return [];
  const startMs = surroundings.now();
  const found: ScalingPoint[] = [];
  const costs: number[] = [];
  for (const [i, point] of POINTS.entries()) {
    const leftMs = budgetMs - (surroundings.now() - startMs);
    // Nobody knows what the first one costs.
    const expectedMs = PASSES * workOf(point) * Math.max(0, ...costs);
    const firstSeed = FIRST_SEED + SEEDS_PER_POINT * i;
    const measured = expectedMs > leftMs ? null : await measure(point, firstSeed, subject, surroundings);
    if (measured) costs.push(measured.totalMs / workOf(point));
    found.push({ ...point, measured });
    onPoint(i + 1, POINTS.length);
  }
  return found.sort((a, b) => a.pictures - b.pictures || a.sidePx - b.sidePx || a.steps - b.steps);
}

async function measure(
  point: Point,
  firstSeed: number,
  subject: Subject,
  surroundings: Surroundings,
): Promise<NonNullable<ScalingPoint["measured"]>> {
  const { steps, sidePx, pictures } = point;
  const changes = { steps, widthPx: sidePx, heightPx: sidePx };
  const recipe = (seed: number) => recipeOf(subject.model, firstSeed + seed, changes);
  // At a size that was not drawn before, memory is made and shaders are compiled.
  await drawn({ ...recipe(0), steps: 1 }, subject, surroundings);
  const laps = await lapsOf(subject, surroundings, recipe(1));
  try {
    const made: Lap[] = [];
    for (let i = 1; i <= pictures; i++) made.push(await laps.lap(recipe(1 + i)));
    const totalMs = sum(made.map(({ pictureMs }) => pictureMs));
    return {
      totalMs: rounded(totalMs, 1),
      unitMs: rounded(sum(made.map(({ denoiseMs }) => denoiseMs)) / workOf(point), 3),
      totalOverBareCalls: rounded(totalMs / sum(made.map(({ bareMs }) => bareMs)), 3),
    };
  } finally {
    laps.dispose();
  }
}
