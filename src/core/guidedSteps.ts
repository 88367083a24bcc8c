/** Guidance in a limited interval of a run: which steps are guided, and which are not. */

import { Failure } from "./failure";
import type { Recipe } from "./recipe";

/** Guidance from the first step to the last: as it is everywhere, and as any recipe has it that says nothing else. */
export const WHOLE_RUN = { guidanceStart: 0, guidanceStop: 1 } as const;

/**
 * Steps `first` ... `end` − 1 are guided, counted from 0: ⌊start · steps⌋ ≤ i < ⌊stop · steps⌋ in doubles, as `start` and `stop`
 * of diffusers' guiders. All evaluations of a step are of that step, where diffusers counts evaluations (Heun, PNDM).
 *
 * Kynkäänniemi et al. 2024 (arXiv:2404.07724) guide where σ_lo < σ ≤ σ_hi. Steps fall from noise to data, so that σ_hi is any
 * level from that of step `first` up to that of the step before, and σ_lo likewise of step `end`. Which levels these are depends on
 * how the sampler spaces them: 0.2 to 0.8 of 20 steps with Stable Diffusion's betas is 0.46 < σ ≤ 4.1 in leading spacing, and
 * 0.12 < σ ≤ 5.8 in Karras's.
 *
 * @throws {Failure} "bad-request" unless 0 ≤ start ≤ stop ≤ 1.
 */
export function guidedSteps({
  steps,
  guidanceStart: start,
  guidanceStop: stop,
}: Pick<Recipe, "steps" | "guidanceStart" | "guidanceStop">): {
  readonly first: number;
  readonly end: number;
} {
  if (!(0 <= start && start <= stop && stop <= 1))
    throw new Failure(
      "bad-request",
      `Guidance starts and stops at parts of a run, 0 <= start <= stop <= 1, got start ${start} and stop ${stop}.`,
    );
  return { first: Math.floor(start * steps), end: Math.floor(stop * steps) };
}
