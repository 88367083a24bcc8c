/** How a run moves on: progress and a time in, the next state out. */

import type { Recipe } from "../../core/recipe";
import type { GenerateProgress } from "../../protocol/calls";
import type { Round, Running } from "../store";

/** A run that has just begun. @param stepTimesMs of the pictures of this set that are done. */
export function begunRun(
  recipe: Recipe,
  round: Round,
  atMs: number,
  stepTimesMs: readonly number[] = [],
): Running {
  return { status: "running", recipe, round, stage: "encode", step: 0, atMs, stepTimesMs, preview: null };
}

/** The run after `progress`, which came at `atMs`. A step is timed only if its beginning was seen too. */
export function advancedRun(run: Running, progress: GenerateProgress, atMs: number): Running {
  const steps = progress.step - run.step;
  const isTimed = run.stage === "denoise" && progress.stage === "denoise" && steps > 0;
  const eachMs = Math.max(0, atMs - run.atMs) / Math.max(1, steps);
  return {
    ...run,
    stage: progress.stage,
    step: progress.step,
    // The clock of a step starts when the one before it ended, whatever was reported in between.
    atMs: steps > 0 || progress.stage !== run.stage ? atMs : run.atMs,
    stepTimesMs: isTimed ? [...run.stepTimesMs, ...Array<number>(steps).fill(eachMs)] : run.stepTimesMs,
    preview: progress.preview ?? run.preview,
  };
}

/**
 * How long the steps that are left in the whole set will take, from steps that were measured; null before there are any.
 * The first step of a run does not count: the worker warms up in it.
 */
export function remainingMs({ stepTimesMs, step, recipe, round }: Running): number | null {
  const recent = stepTimesMs
    .slice(1)
    .slice(-RECENT_STEPS)
    .sort((a, b) => a - b);
  const median = recent[Math.floor(recent.length / 2)];
  const steps = Math.max(0, recipe.steps - step) + recipe.steps * (round.count - round.index - 1);
  return median === undefined ? null : median * steps;
}

const RECENT_STEPS = 5;
