/** Builders for the tests of this folder. */

import type { Model } from "../checkpoint/model";
import type { Recipe } from "../core/recipe";
import { type HostTensor, onHost } from "../core/tensor";
import { parseSchedulerConfig } from "../diffusion/schedule/schedulerConfig";
import type { PromptTokenizer } from "../prompt/clipTokenizer";
import { hostLatentDevice } from "./hostLatentDevice";
import type { Networks, UnetExtras } from "./ports";

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
  understand: null,
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

/** Networks that believe every clean latent to be `x0`, with a prompt match whose answer is `cosine` if given. They write down all that they are asked. */
export function knownAnswer(x0: number, cosine?: number) {
  const log: string[] = [];
  const told: UnetExtras[] = [];
  const fill = (dims: readonly number[]): HostTensor => ({
    dims,
    data: new Float32Array(dims.reduce((a, b) => a * b)).fill(x0),
  });
  const networks: Networks = {
    latentDevice: hostLatentDevice,
    encode: async (texts) => {
      const name = texts
        .map(({ ids, end }) => (texts.length > 1 ? `${ids[0]} to ${end}` : ids[0]))
        .join(", ");
      log.push(`encode ${name}`);
      return { tokens: 1, dispose: () => void log.push(`dispose ${name}`) };
    },
    zeros: async ({ tokens }) => {
      log.push(`zeros ${tokens}`);
      return { tokens, dispose: () => void log.push("dispose zeros") };
    },
    predict: async ({ dims }, _timestep, texts, extras) => {
      told.push(extras);
      log.push(`predict ${texts.length} at ${dims.join("x")}`);
      return texts.map(() => fill(dims));
    },
    decode: async (latents) => {
      const [, , h = 0, w = 0] = latents.dims;
      log.push("decode");
      return {
        dims: [1, 3, 8 * h, 8 * w],
        data: new Float32Array(3 * 64 * h * w).fill(onHost(latents).data[0] ?? Number.NaN),
      };
    },
    promptMatch:
      cosine === undefined
        ? null
        : {
            sidePx: 24,
            cosine: async ({ dims, data }, { tokens }, end) => {
              log.push(`match ${dims.join("x")} of ${Math.max(...data)} with ${tokens}, end ${end}`);
              return cosine;
            },
          },
  };
  return { networks, log, told };
}
