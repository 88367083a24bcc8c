/** Rules of the whole pipeline, on networks whose every answer is known. */

import { expect, it } from "vitest";
import type { Model } from "../checkpoint/model";
import { Failure } from "../core/failure";
import { guidanceEmbedding } from "../diffusion/guidanceEmbedding";
import type { Observer } from "./observer";
import { knownAnswer, model, recipe, tokenizer } from "./testing";
import { textToImage } from "./textToImage";

function observer(stopAfterStep = Number.POSITIVE_INFINITY) {
  const seen: number[] = [];
  const stages: string[] = [];
  const watching: Observer = {
    stage: (stage) => void stages.push(stage),
    step: async ({ step }) => void seen.push(step),
    isCancelled: async () => seen.length >= stopAfterStep,
    now: () => seen.length,
  };
  return { watching, seen, stages };
}

it("[P1] ends on the picture that the network believes in, whatever the seed", async () => {
  for (const seed of [1n, 2n]) {
    const { networks } = knownAnswer(0.5);
    const { pixels } = await textToImage({ ...recipe, seed }, model, networks, observer().watching);
    expect(pixels).toMatchObject({ widthPx: 32, heightPx: 16 });
    expect(pixels.bytes).toEqual(new Uint8ClampedArray(4 * 16 * 32).map((_, i) => (i % 4 === 3 ? 255 : 191)));
  }
});

it("[P2] asks with both texts in one call per step, height before width, and reports each step once", async () => {
  const { networks, log } = knownAnswer(0);
  const { watching, seen, stages } = observer();
  await textToImage(recipe, model, networks, watching);
  expect(log.filter((line) => line.startsWith("predict"))).toEqual(Array(5).fill("predict 2 at 1x4x2x4"));
  expect(seen).toEqual([1, 2, 3, 4, 5]);
  expect([...new Set(stages)]).toEqual(["encode", "denoise", "decode"]);
});

it("[P3] at guidance 1 neither reads the negative prompt nor asks the network twice", async () => {
  const { networks, log } = knownAnswer(0);
  await textToImage({ ...recipe, guidanceScale: 1 }, model, networks, observer().watching);
  expect(log.filter((line) => line.startsWith("encode"))).toEqual(["encode 5"]);
  expect(log.filter((line) => line.startsWith("predict"))).toEqual(Array(5).fill("predict 1 at 1x4x2x4"));
});

it("[P4] stops within one step and gives the embeddings back", async () => {
  const { networks, log } = knownAnswer(0);
  const { watching, seen } = observer(2);
  await expect(textToImage(recipe, model, networks, watching)).rejects.toMatchObject({ code: "cancelled" });
  expect(seen).toEqual([1, 2]);
  expect(log.slice(-2).sort()).toEqual(["dispose 4", "dispose 5"]);
  expect(log).not.toContain("decode");
});

it.each(["encode", "predict", "decode"] as const)(
  "[P5] gives back what it holds when %s fails",
  async (which) => {
    const { networks, log } = knownAnswer(0);
    let calls = 0;
    const working = networks[which] as (...args: unknown[]) => Promise<unknown>;
    const failing = {
      ...networks,
      [which]: (...args: unknown[]) => {
        calls++;
        // the second encode: by then there is one embedding to lose
        if (which !== "encode" || calls === 2) return Promise.reject(new Failure("device-lost", "gone"));
        return working(...args);
      },
    };
    await expect(textToImage(recipe, model, failing, observer().watching)).rejects.toMatchObject({
      code: "device-lost",
    });
    const count = (verb: string) => log.filter((line) => line.startsWith(verb)).length;
    expect(count("dispose")).toBe(count("encode"));
    expect(count("dispose")).toBeGreaterThan(0);
  },
);

it.each([
  { widthPx: 30 },
  { heightPx: 0 },
  { heightPx: Number.NaN },
  { steps: 0 },
  { eta: 2 },
  { seed: -1n },
  { guidanceScale: Number.NaN },
])("[P6] refuses %o before the U-Net is asked anything", async (change) => {
  const { networks, log } = knownAnswer(0);
  await expect(
    textToImage({ ...recipe, ...change }, model, networks, observer().watching),
  ).rejects.toMatchObject({ code: "bad-request" });
  expect(log.filter((line) => line.startsWith("predict"))).toEqual([]);
});

it("[P7] reads a text once for each text encoder", async () => {
  const { networks, log } = knownAnswer(0);
  const two: Model = { ...model, tokenizers: [tokenizer(), tokenizer(100)] };
  await textToImage(recipe, two, networks, observer().watching);
  const encoded = log.filter((line) => line.startsWith("encode"));
  expect(encoded).toEqual(["encode 5 to 6, 105 to 6", "encode 4 to 5, 104 to 5"]);
});

it("[P8] takes zeros for no negative prompt where the model wants them, and gives them back", async () => {
  const zeroing = { ...model, zerosForNoNegative: true };
  const logOf = async (negativePrompt: string) => {
    const { networks, log } = knownAnswer(0);
    await textToImage({ ...recipe, negativePrompt }, zeroing, networks, observer().watching);
    return log.filter((line) => !line.startsWith("predict"));
  };
  expect(await logOf("")).toEqual(["encode 5", "zeros 1", "decode", "dispose 5", "dispose zeros"]);
  expect(await logOf("blue")).toEqual(["encode 5", "encode 4", "decode", "dispose 5", "dispose 4"]);
});

it("[P9] tells a U-Net that wants to know the picture's size, height before width", async () => {
  const { networks, told } = knownAnswer(0);
  await textToImage(recipe, { ...model, wantsTimeIds: true }, networks, observer().watching);
  expect(told).toEqual(Array(5).fill({ timeIds: [16, 32, 0, 0, 16, 32], timestepCond: null }));
});

it("[P10] tells a guidance-distilled U-Net the guidance, and asks it once a step", async () => {
  const { networks, told, log } = knownAnswer(0);
  await textToImage(recipe, { ...model, guidanceEmbeddingWidth: 8 }, networks, observer().watching);
  expect(told[0]).toEqual({ timeIds: null, timestepCond: guidanceEmbedding(4, 8) });
  expect(log.filter((line) => line.startsWith("encode"))).toEqual(["encode 5"]);
  expect(log.filter((line) => line.startsWith("predict"))).toEqual(Array(5).fill("predict 1 at 1x4x2x4"));
});
