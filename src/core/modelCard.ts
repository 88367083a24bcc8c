/** The facts about a model that people may see, read from the model's own files. */

import type { SamplerId } from "./recipe";

/** A prompt that the model's makers chose. */
export interface Example {
  readonly prompt: string;
  /** In decimal. */
  readonly seed: string;
}

/** A model's name, terms, defaults and examples. */
export interface ModelCard {
  readonly name: string;
  readonly summary: string;
  readonly licence: string;
  /** The settings that its makers recommend. */
  readonly defaults: {
    readonly sampler: SamplerId;
    readonly steps: number;
    readonly guidanceScale: number;
    readonly widthPx: number;
    readonly heightPx: number;
  };
  /** The settings that its makers recommend with its few-step LoRA; null if it has none. */
  readonly fewStep: {
    readonly sampler: SamplerId;
    readonly steps: number;
    readonly guidanceScale: number;
  } | null;
  /** Sides must be multiples of this many pixels. */
  readonly sideMultiplePx: number;
  /** Words the model has seen, by kind; null if its makers did not say. */
  readonly vocabulary: Readonly<Record<string, readonly string[]>> | null;
  /**
   * Mean CLIP scores of pictures with their own captions (`typical`) and with others' (`mismatched`), to compare scores with; null if
   * the model has no prompt match.
   */
  readonly promptMatch: { readonly typical: number; readonly mismatched: number } | null;
  /** Prompts with seeds that show what the model can draw. */
  readonly examples: readonly Example[];
}
