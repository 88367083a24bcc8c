/** The subject of a measurement, and the world that it runs in. */

import type { Model } from "../checkpoint/model";
import type { Recipe } from "../core/recipe";
import { defaultRecipe } from "../pipeline/recipe/defaultRecipe";
import type { BenchMachine, BenchProgress, BenchSwitches, MemoryCourse } from "../protocol/bench";
import type { Backend } from "../runtime/device/device";
import type { LoadedNetworks } from "../runtime/networks/diffusersNetworks";
import type { GpuMeter } from "./instruments/gpuMeter";
import type { Recorder } from "./instruments/recordingEngine";

/** An open model, and where it runs. */
export interface Subject {
  readonly model: Model;
  readonly networks: LoadedNetworks;
  readonly backend: Backend;
  /** Whose engine the networks were opened on. */
  readonly recorder: Recorder;
  /** Of the GPU's device; null without a GPU. */
  readonly meter: GpuMeter | null;
}

/** One kind of memory that can be looked at. */
export interface MemoryGauge {
  readonly kind: MemoryCourse["kind"];
  /** After everything that nobody holds any more has been let go of. */
  bytes(): Promise<number>;
  peakBytes(): number;
}

/** The world that a measurement runs in: its clock, its gauges, and whom it tells. */
export interface Surroundings {
  /** Milliseconds on some clock. */
  now(): number;
  /** Asked before each picture and after every step; true ends the benchmark with a "cancelled" failure. */
  isCancelled(): Promise<boolean>;
  report(progress: BenchProgress): void;
  /** Beside the GPU's, which the subject's meter counts. */
  readonly gauges: readonly MemoryGauge[];
  /** All but the threads, which the engine knows. */
  readonly machine: Omit<BenchMachine, "threads">;
  /** UTC, as ISO 8601 has it. */
  readonly date: string;
  /** How the model is opened, to be told. */
  readonly switches: BenchSwitches;
}

/**
 * The recipe that is drawn: the first of the model's own examples with the model's own settings, guided. Its prompt ends in the seed:
 * text embeddings are cached, and a picture is to be measured whole.
 */
export function recipeOf(model: Model, seed: number, changes: Partial<Recipe> = {}): Recipe {
  const prompt = `${model.card.examples[0]?.prompt ?? "a photo of a cat"} ${seed}`;
  return defaultRecipe(model, { prompt, seed: BigInt(seed), ...changes });
}
