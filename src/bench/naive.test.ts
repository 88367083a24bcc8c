/** The naive loop is an honest rival: the same picture, by the same networks, in its own way. */

import { afterEach, expect, it, vi } from "vitest";
import { drawn } from "./drawn";
import { levelsApart } from "./laps";
import { isNaivelyDrawn, naivePicture } from "./naive";
import { recipeOf } from "./subject";
import { openSmall, quiet, runClock } from "./testing";

afterEach(() => vi.restoreAllMocks());

it.each(["ddim", "dpmpp_2m", "euler_a"] as const)("draws what we draw, with %s", async (sampler) => {
  const subject = await openSmall();
  const recipe = recipeOf(subject.model, 5, { sampler });
  const ours = await drawn(recipe, subject, quiet({ now: () => 0 }));
  const naive = await naivePicture(recipe, subject);
  const other = await naivePicture({ ...recipe, seed: 6n }, subject);
  expect(levelsApart(naive.pixels, ours.pixels)).toBeLessThanOrEqual(2);
  expect(levelsApart(other.pixels, ours.pixels)).toBeGreaterThan(2);
  await subject.networks.dispose();
});

it("asks for both texts each time, then at every step one batch of two, with the embeddings anew", async () => {
  const subject = await openSmall();
  const { runs } = runClock();
  const recipe = recipeOf(subject.model, 1);
  for (let time = 0; time < 2; time++) await naivePicture(recipe, subject);
  expect(runs.map(({ tensors }) => Object.keys(tensors)[0])).toEqual(
    [1, 2].flatMap(() => ["input_ids", "input_ids", "sample", "sample", "sample", "latent_sample"]),
  );
  const steps = runs.slice(2, 5);
  for (const { tensors } of steps)
    expect([tensors["sample"], tensors["encoder_hidden_states"]].map((tensor) => tensor?.dims[0])).toEqual([
      2, 2,
    ]);
  expect(new Set(steps.map(({ tensors }) => tensors["encoder_hidden_states"])).size).toBe(3);
  expect(new Set(steps.map(({ numbers }) => numbers["encoder_hidden_states"])).size).toBe(1);
  await subject.networks.dispose();
});

it("is not asked of models that demos do not draw", async () => {
  const subject = await openSmall();
  expect(isNaivelyDrawn(subject)).toBe(true);
  expect(isNaivelyDrawn({ ...subject, networks: { ...subject.networks, scale: null } })).toBe(false);
  const [tokenizer] = subject.model.tokenizers;
  const model = { ...subject.model, tokenizers: [tokenizer, tokenizer] as const };
  expect(isNaivelyDrawn({ ...subject, model })).toBe(false);
  await subject.networks.dispose();
});
