/** What people may know of a model, read from the model's own files. */

import type { SamplerId } from "./recipe";

/** A prompt that the model's makers chose. */
export interface Example {
  readonly prompt: string;
  /** In decimal. */
  readonly seed: string;
}

/** A model in words and numbers. */
export interface ModelCard {
  readonly name: string;
  readonly summary: string;
  readonly licence: string;
  /** What its makers recommend. */
  readonly defaults: {
    readonly sampler: SamplerId;
    readonly steps: number;
    readonly guidanceScale: number;
    readonly widthPx: number;
    readonly heightPx: number;
  };
  /** What its makers recommend with the weights of its few-step student; null if it has none. */
  readonly fewStep: {
    readonly sampler: SamplerId;
    readonly steps: number;
    readonly guidanceScale: number;
  } | null;
  /** Sides must be multiples of this many pixels. */
  readonly sideMultiplePx: number;
  /** Words the model has seen, by kind; null if its makers did not say. */
  readonly vocabulary: Readonly<Record<string, readonly string[]>> | null;
  /** CLIP scores to read others by: the mean of pictures with their own captions, and with captions of other pictures; null if the model cannot judge. */
  readonly promptMatch: { readonly typical: number; readonly mismatched: number } | null;
  /** Good places to start from. */
  readonly examples: readonly Example[];
}
