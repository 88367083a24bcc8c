/** Rules of the denoising loop, for every sampler: guidance in an interval of its steps, and a start in the middle. */

import { describe, expect, it } from "vitest";
import { seededNoise } from "../core/random";
import { type Recipe, SAMPLER_NAMES, type SamplerId, usesSigmaSpacing } from "../core/recipe";
import { type HostTensor, onHost } from "../core/tensor";
import { withGuidance } from "../diffusion/guidance";
import { hostLatents } from "../diffusion/latents";
import { denoiser, type Predict } from "../diffusion/parameterization";
import { SAMPLERS, samplingPlan } from "../diffusion/samplers/samplers";
import { noiseSchedule } from "../diffusion/schedule/schedule";
import { denoise } from "./denoise";
import { hostLatentDevice } from "./hostLatentDevice";
import type { Embeddings, Networks } from "./ports";
import { model, recipe, tokenizer } from "./testing";
import { textToImage } from "./textToImage";

const SAMPLER_IDS = Object.keys(SAMPLER_NAMES) as SamplerId[];
const STEPS = 8;

/** A network's answer to a text of so many letters: none alike, and none linear in x. */
const answer = (x: HostTensor, timestep: number, letters: number): HostTensor => ({
  dims: x.dims,
  data: x.data.map((value) => 0.5 * value + 0.3 * Math.sin(value + letters) * Math.cos(timestep / 300)),
});

/** Networks with such answers. They write down what was encoded, and for each step how many texts each evaluation had. */
function answering() {
  const encoded: number[] = [];
  const passes: number[][] = [[]];
  const letters = new Map<Embeddings, number>();
  const networks: Networks = {
    latentDevice: hostLatentDevice,
    encode: async ([text]) => {
      const length = (text?.end ?? Number.NaN) - 1;
      const embeddings = { tokens: 1, dispose: () => undefined };
      letters.set(embeddings, length);
      encoded.push(length);
      return embeddings;
    },
    zeros: async (embeddings) => embeddings,
    predict: async (x, timestep, texts) => {
      passes.at(-1)?.push(texts.length);
      return texts.map((text) => answer(onHost(x), timestep, letters.get(text) ?? Number.NaN));
    },
    decode: async ({ dims: [, , h = 0, w = 0] }): Promise<HostTensor> => ({
      dims: [1, 3, 8 * h, 8 * w],
      data: new Float32Array(3 * 64 * h * w),
    }),
    promptMatch: null,
  };
  return { networks, encoded, passes };
}

/** Draws a picture: the clean latents, what was encoded, and for each step how many texts each evaluation had. */
async function draw(changes: Partial<Recipe>) {
  const { networks, encoded, passes } = answering();
  const latents: Float32Array[] = [];
  await textToImage({ ...recipe, steps: STEPS, ...changes }, model, networks, {
    stage: () => undefined,
    step: async () => void passes.push([]),
    finished: ({ data }) => void latents.push(data),
    isCancelled: async () => false,
    now: () => 0,
  });
  return { encoded, passes: passes.slice(0, -1), latents: latents[0] };
}

/** The latents after each step of the same run by hand, which counts evaluations and knows how each sampler spends them. */
async function stepsByHand(sampler: SamplerId, isGuided: (step: number) => boolean) {
  const ops = hostLatents([1, 4, 2, 4], seededNoise(recipe.seed));
  const ask =
    (text: string): Predict<HostTensor> =>
    async (x, timestep) =>
      answer(x, timestep, text.length);
  const [prompted, unprompted] = [ask(recipe.prompt), ask(recipe.negativePrompt)];
  const both = async (...at: Parameters<Predict<HostTensor>>) =>
    [await prompted(...at), await unprompted(...at)] as const;
  const guided = withGuidance(ops, { prompted, both }, { scale: recipe.guidanceScale, rescale: 0 });
  const stepOf = (evaluation: number): number => {
    if (sampler === "heun") return Math.floor(evaluation / 2);
    return sampler === "pndm" ? Math.max(0, evaluation - 1) : evaluation;
  };
  let evaluations = 0;
  const network = denoiser(ops, model.schedulerConfig.predictionType, (...at) =>
    (isGuided(stepOf(evaluations++)) ? guided : prompted)(...at),
  );
  const plan = samplingPlan(sampler, noiseSchedule(model.schedulerConfig), { steps: STEPS, eta: 0 });
  const after: HostTensor[] = [];
  for await (const { x } of SAMPLERS[sampler].sampler(ops, network, plan, ops.noise())) after.push(x);
  return after;
}

async function byHand(sampler: SamplerId, isGuided: (step: number) => boolean) {
  return (await stepsByHand(sampler, isGuided)).at(-1)?.data;
}

describe.each(SAMPLER_IDS)("with %s", (sampler) => {
  it("[P12] all evaluations of a guided step have both texts, those of the others the prompt alone", async () => {
    const { passes } = await draw({ sampler, guidanceStart: 0.25, guidanceStop: 0.75 });
    const kinds = passes.map((step) => [...new Set(step)].join());
    expect(kinds).toEqual(["1", "1", "2", "2", "2", "2", "1", "1"]);
    expect(passes.flat()).toHaveLength(SAMPLERS[sampler].evaluations(STEPS));
  });

  it("[P13] from 0 to 1 is guidance as ever, a part of it is guidance in those steps, none of it guidance 1", async () => {
    const part = await draw({ sampler, guidanceStart: 0.25, guidanceStop: 0.75 });
    const none = await draw({ sampler, guidanceStart: 0.5, guidanceStop: 0.5 });
    expect((await draw({ sampler })).latents).toEqual(await byHand(sampler, () => true));
    expect(part.latents).toEqual(await byHand(sampler, (step) => step >= 2 && step < 6));
    expect(none.latents).toEqual((await draw({ sampler, guidanceScale: 1 })).latents);
    expect(none.latents).toEqual(await byHand(sampler, () => false));
    expect(part.latents).not.toEqual(none.latents);
  });

  it("draws in the recipe's spacing of noise levels, if the sampler visits noise levels", async () => {
    const { latents } = await draw({ sampler });
    const spaced = await Promise.all(
      (["trained", "karras", "exponential"] as const).map((sigmaSpacing) => draw({ sampler, sigmaSpacing })),
    );
    const differ = spaced.map((drawing) => String(drawing.latents) !== String(latents));
    expect(differ).toEqual([false, usesSigmaSpacing(sampler), usesSigmaSpacing(sampler)]);
  });
});

it("[P14] half of the steps unguided is a quarter of the passes saved; without guided steps the negative prompt is not read", async () => {
  const passesOf = async (changes: Partial<Recipe>) =>
    (await draw(changes)).passes.flat().reduce((sum, texts) => sum + texts, 0);
  expect(await passesOf({})).toBe(2 * STEPS);
  expect(await passesOf({ guidanceStop: 0.5 })).toBe(1.5 * STEPS);
  expect(await passesOf({ guidanceStop: 0 })).toBe(STEPS);
  expect((await draw({ guidanceStop: 0.5 })).encoded).toEqual([5, 4]);
  expect((await draw({ guidanceStop: 0 })).encoded).toEqual([5]);
});

it("[P15] the first and the last step can be guided by themselves", async () => {
  const guidedIn = async (guidanceStart: number, guidanceStop: number) =>
    (await draw({ guidanceStart, guidanceStop })).passes.map(([texts]) => texts).join("");
  expect(await guidedIn(0, 0.125)).toBe("21111111");
  expect(await guidedIn(0.875, 1)).toBe("11111112");
});

it("[P16] refuses to stop before it starts, before anything is read", async () => {
  await expect(draw({ guidanceStart: 0.6, guidanceStop: 0.4 })).rejects.toMatchObject({
    code: "bad-request",
    message: expect.stringContaining("got start 0.6 and stop 0.4"),
  });
});

it.each(["ddim", "euler", "heun"] as const)(
  "[P17] started in the middle, %s goes on as if it had come there by itself, and counts steps from the whole run",
  async (sampler) => {
    const { networks, passes } = answering();
    const after = await stepsByHand(sampler, (step) => step >= 2 && step < 6);
    const scope = hostLatentDevice.open([1, 4, 2, 4], recipe.seed);
    const [prompted, unprompted] = await Promise.all([
      networks.encode([tokenizer().encode(recipe.prompt)]),
      networks.encode([tokenizer().encode(recipe.negativePrompt)]),
    ]);
    const steps: number[] = [];
    const end = await denoise(
      { ...recipe, sampler, steps: STEPS, guidanceStart: 0.25, guidanceStop: 0.75 },
      model,
      {
        networks,
        scope,
        texts: { prompted, unprompted },
        extras: { timeIds: null, timestepCond: null },
        start: { latent: after[4] ?? expect.fail("no latent"), step: 5 },
      },
      {
        stage: () => undefined,
        step: async ({ step, steps: all }) => {
          passes.push([]);
          steps.push(step, all);
        },
        isCancelled: async () => false,
        now: () => 0,
      },
    );
    expect(onHost(end).data).toEqual(after.at(-1)?.data);
    expect(steps).toEqual([6, 8, 7, 8, 8, 8]);
    expect(passes.slice(0, -1).map((step) => [...new Set(step)].join())).toEqual(["2", "1", "1"]);
  },
);
