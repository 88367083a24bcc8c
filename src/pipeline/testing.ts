/** Builders for the tests of this folder. */

import type { Model } from "../checkpoint/model";
import type { Recipe } from "../core/recipe";
import { parseSchedulerConfig } from "../diffusion/schedule/schedulerConfig";
import type { PromptTokenizer } from "../prompt/clipTokenizer";

/** Five steps with guidance, not square. */
export const recipe: Recipe = {
  prompt: "a fox",
  negativePrompt: "blue",
  seed: 7n,
  steps: 5,
  guidanceScale: 4,
  guidanceRescale: 0,
  guidanceStart: 0,
  guidanceStop: 1,
  weights: "full",
  sampler: "ddim",
  eta: 0,
  widthPx: 32,
  heightPx: 16,
};

/** Each text has one id, its length, plus `more`; it ends behind its letters. */
export function tokenizer(more = 0): PromptTokenizer {
  return {
    encode: (text) => ({
      ids: Int32Array.of(text.length + more),
      end: text.length + 1,
      tokens: text.length,
      limit: 75,
      unknownWords: [],
      overflow: "",
    }),
  };
}

/** Predicts x_0 in latents [1, 4, h/8, w/8]. */
export const model: Model = {
  card: {
    name: "Known answers",
    summary: "",
    licence: "MIT",
    defaults: { sampler: "ddim", steps: 5, guidanceScale: 4, widthPx: 32, heightPx: 16 },
    fewStep: null,
    sideMultiplePx: 16,
    vocabulary: null,
    promptMatch: null,
    examples: [],
  },
  tokenizers: [tokenizer()],
  schedulerConfig: parseSchedulerConfig({ _class_name: "DDIMScheduler", prediction_type: "sample" }),
  latentChannels: 4,
  wantsTimeIds: false,
  guidanceEmbeddingWidth: null,
  zerosForNoNegative: false,
  pixelsPerLatent: 8,
  fewStepWeights: null,
  rgbMap: null,
  latentSpace: null,
};
