/** Guidance in a limited interval of a run: which steps are guided, and which are not. */

import { Failure } from "./failure";
import type { Recipe } from "./recipe";

/** Guidance from the first step to the last: the default of every recipe. */
export const WHOLE_RUN = { guidanceStart: 0, guidanceStop: 1 } as const;

/**
 * The steps that are guided: `first` ... `end` − 1, counted from 0, with ⌊start · steps⌋ ≤ i < ⌊stop · steps⌋ in doubles. `start` and
 * `stop` mean the same in diffusers' guiders. But diffusers counts evaluations of the network, and Heun and PNDM evaluate more often.
 *
 * Kynkäänniemi et al. 2024 (arXiv:2404.07724) guide where σ_lo < σ ≤ σ_hi. Steps fall from noise to data. So σ_hi is any level
 * from that of step `first` up to that of the step before, and σ_lo likewise of step `end`. The levels depend on how the sampler
 * spaces them: 0.2 to 0.8 of 20 steps with Stable Diffusion's betas is 0.46 < σ ≤ 4.1 in leading spacing, and
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
