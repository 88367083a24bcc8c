/** Shared by the tests of this folder: a model, a recipe, and a worker that does as it is told. */

import type { Failure } from "../core/failure";
import type { ModelCard } from "../core/modelCard";
import type { Recipe } from "../core/recipe";
import type { CallName, Calls, Picture } from "../protocol/calls";
import type { PromptReport } from "../protocol/promptReport";
import type { KeptPicture, Round } from "./store";
import type { PageClient } from "./workers";

/** Lets every promise that can settle do so. */
export const settle = () => new Promise((resolve) => setTimeout(resolve));

export const MODEL: ModelCard = {
  name: "TinyWorld",
  summary: "draws small scenes.",
  licence: "MIT",
  defaults: { sampler: "ddim", steps: 20, guidanceScale: 4, widthPx: 128, heightPx: 128 },
  fewStep: null,
  sideMultiplePx: 8,
  vocabulary: { nouns: ["cat"] },
  promptMatch: null,
  examples: [{ prompt: "a cat", seed: "7" }],
};

export const RECIPE: Recipe = {
  prompt: "a cat",
  negativePrompt: "",
  seed: 7n,
  steps: 20,
  guidanceScale: 4,
  guidanceRescale: 0,
  guidanceStart: 0,
  guidanceStop: 1,
  weights: "full",
  sampler: "ddim",
  eta: 0,
  widthPx: 128,
  heightPx: 128,
};

export const PROMPT_REPORT: PromptReport = {
  text: "a cat",
  tokens: 2,
  limit: 75,
  overflow: "",
  understood: null,
};

/** The only picture of its set. */
export const ALONE: Round = { index: 0, count: 1 };

/** A picture that a visit holds, by its seed and its prompt match. */
export function keptPicture(id: number, setId: number, promptMatch: number | null = null): KeptPicture {
  const { widthPx, heightPx } = RECIPE;
  const timingsMs = { encode: 1, denoise: 100, decode: 10 };
  const recipe = { ...RECIPE, seed: BigInt(id) };
  const model = { name: MODEL.name, promptMatch: null };
  return { id, setId, url: `blob:${id}`, widthPx, heightPx, recipe, timingsMs, promptMatch, model };
}

export function pictureOf(recipe: Recipe, promptMatch: number | null = null): Picture {
  return {
    png: new ArrayBuffer(8),
    widthPx: recipe.widthPx,
    heightPx: recipe.heightPx,
    recipe,
    sha256: "00",
    timingsMs: { encode: 1, denoise: 100, decode: 10 },
    promptMatch,
  };
}

/** A call that the worker was asked for and has not yet answered. */
export interface AskedCall<K extends CallName = CallName> {
  readonly name: K;
  readonly params: Calls[K]["params"];
  readonly signal: AbortSignal | undefined;
  progress(progress: Calls[K]["progress"]): void;
  resolve(result: Calls[K]["result"]): void;
  reject(error: unknown): void;
}

/** A worker whose every answer a test gives by hand. */
export class FakeClient implements PageClient {
  readonly asked: AskedCall[] = [];
  restarts = 0;
  readonly #deathListeners: ((failure: Failure) => void)[] = [];

  call: PageClient["call"] = (name, params, { signal, onProgress } = {}) =>
    new Promise((resolve, reject) => {
      const progress = (report: never) => onProgress?.(report);
      this.asked.push({ name, params, signal, progress, resolve, reject } as AskedCall);
    });

  restart(): void {
    this.restarts++;
  }

  onDeath(listener: (failure: Failure) => void): () => void {
    this.#deathListeners.push(listener);
    return () => {};
  }

  die(failure: Failure): void {
    for (const { reject } of this.asked.splice(0)) reject(failure);
    for (const listener of this.#deathListeners) listener(failure);
  }

  /** The oldest open call by that name, taken off the list. */
  take<K extends CallName>(name: K): AskedCall<K> {
    const index = this.asked.findIndex((call) => call.name === name);
    if (index < 0) throw new Error(`the engine was not asked for ${name}`);
    return this.asked.splice(index, 1)[0] as AskedCall<K>;
  }

  has(name: CallName): boolean {
    return this.asked.some((call) => call.name === name);
  }
}
