import { expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../storage/settings";
import { MODEL } from "../../testing";
import { changedNames } from "./changedNames";

it("names every setting behind the fold that differs from its default, and no other", () => {
  expect(changedNames(DEFAULT_SETTINGS, MODEL)).toEqual([]);
  expect(
    changedNames(
      { ...DEFAULT_SETTINGS, prompt: "a cat", steps: 9, sampler: "ddim", negativePrompt: " " },
      MODEL,
    ),
  ).toEqual([]);
  const changed = {
    negativePrompt: "fog",
    seed: "7",
    guidanceStop: 0.5,
    sampler: "euler",
    shape: "small",
    backend: "wasm",
    isEveryWordSent: true,
  } as const;
  expect(changedNames({ ...DEFAULT_SETTINGS, ...changed }, MODEL)).toEqual([
    "negative prompt",
    "seed",
    "guided steps",
    "sampler",
    "size",
    "device",
    "every word",
  ]);
});
