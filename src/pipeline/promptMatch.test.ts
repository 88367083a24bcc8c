/** Rules of the prompt match, on networks whose every answer is known. */

import { expect, it } from "vitest";
import type { Model } from "../checkpoint/model";
import { Failure } from "../core/failure";
import { promptMatch } from "./promptMatch";
import { knownAnswer, model, recipe, tokenizer } from "./testing";

/** A white picture, 32 x 16. */
const WHITE = { widthPx: 32, heightPx: 16, bytes: new Uint8ClampedArray(4 * 32 * 16).fill(255) };

/** A clock that each look moves on by a second. */
function clock() {
  let nowMs = 0;
  return () => {
    nowMs += 1000;
    return nowMs;
  };
}

it("[P21] scores the picture by its prompt, at the network's own size, and gives the text back", async () => {
  const { networks, log } = knownAnswer(0, 0.25);
  expect(await promptMatch(WHITE, recipe.prompt, model, networks, clock())).toEqual({
    score: 25,
    tookMs: 1000,
  });
  expect(log).toEqual(["encode 5", "match 1x3x24x24 of 1 with 1, end 6", "dispose 5"]);
});

it("[P21] gives the text back when the network fails", async () => {
  const { networks, log } = knownAnswer(0, 0.25);
  const cosine = () => Promise.reject(new Failure("device-lost", "gone"));
  const failing = { ...networks, promptMatch: { sidePx: 24, cosine } };
  await expect(promptMatch(WHITE, recipe.prompt, model, failing, clock())).rejects.toMatchObject({
    code: "device-lost",
  });
  expect(log).toEqual(["encode 5", "dispose 5"]);
});

it("[P22] reads the prompt for every text encoder, and scores by the end of the first reading", async () => {
  const { networks, log } = knownAnswer(0, 1);
  const two: Model = { ...model, tokenizers: [tokenizer(), tokenizer(100)] };
  await promptMatch(WHITE, recipe.prompt, two, networks, clock());
  expect(log[0]).toBe("encode 5 to 6, 105 to 6");
  expect(log[1]).toMatch(/end 6$/);
});

it("[P23] scores a picture that points away from its prompt 0", async () => {
  const { score } = await promptMatch(WHITE, "a fox", model, knownAnswer(0, -0.3).networks, clock());
  expect(score).toBe(0);
});

it("[P24] neither scores nor encodes where the model cannot score pictures", async () => {
  const { networks, log } = knownAnswer(0);
  expect(await promptMatch(WHITE, "a fox", model, networks, clock())).toEqual({ score: null, tookMs: 0 });
  expect(log).toEqual([]);
});
