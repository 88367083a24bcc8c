/** A picture is held against the very calls that it makes. */

import { afterEach, expect, it, vi } from "vitest";
import { hostMs, lapsByPicture, lapsOf } from "./lap";
import { recipeOf } from "./subject";
import { openSmall, quiet, runClock } from "./testing";

afterEach(() => vi.restoreAllMocks());

/** Of a picture whose negative text is remembered: one text, three steps, decoding and the prompt match. */
const CALLS = { text_encoder: [1000], unet: [1000, 1000, 1000], vae_decoder: [1000], prompt_match: [1000] };

it("each call is made once more on the same inputs, and what that takes is not the picture's", async () => {
  const subject = await openSmall();
  const clock = runClock();
  const laps = await lapsOf(subject, quiet(clock), recipeOf(subject.model, 0));
  await laps.lap(recipeOf(subject.model, 1));
  const from = clock.runs.length;
  const lap = await laps.lap(recipeOf(subject.model, 2));
  expect(lap.callsMs).toEqual(CALLS);
  expect(lap).toMatchObject({ pictureMs: 6000, bareMs: 6000, denoiseMs: 3000, matchMs: 1000 });
  expect(hostMs(lap, true)).toBe(0);
  const runs = clock.runs.slice(from);
  expect(runs).toHaveLength(12);
  for (let i = 0; i < runs.length; i += 2) expect(runs[i + 1]?.numbers).toEqual(runs[i]?.numbers);
  laps.dispose();
  await subject.networks.dispose();
});

it("where no call is waited for, the calls of a recorded picture are made again in its order, and waited for once", async () => {
  const subject = await openSmall();
  const clock = runClock();
  const waitedAfter: number[] = [];
  const done = async () => void waitedAfter.push(clock.runs.length);
  // The recorded picture is like all that follow: its negative text is remembered.
  const first = recipeOf(subject.model, 0);
  await (await lapsOf(subject, quiet(clock), first)).lap(recipeOf(subject.model, 9));
  const laps = await lapsByPicture(subject, quiet(clock), first, done);
  const recorded = clock.runs.slice(-6);
  waitedAfter.length = 0;
  const lap = await laps.lap(recipeOf(subject.model, 1));
  expect(lap).toMatchObject({ pictureMs: 6000, bareMs: 6000 });
  expect(hostMs(lap, false)).toBe(0);
  const [replayed] = [clock.runs.slice(-18, -12)];
  expect(replayed.map(({ numbers }) => numbers)).toEqual(recorded.map(({ numbers }) => numbers));
  expect(lap.callsMs).toEqual({
    text_encoder: [1000],
    unet: [1000],
    vae_decoder: [1000],
    prompt_match: [1000],
  });
  expect(waitedAfter[0]).toBe(clock.runs.length - 12);
  laps.dispose();
  await subject.networks.dispose();
});

it("a picture of other calls than the recorded one has no ratio", async () => {
  const subject = await openSmall();
  const done = async () => undefined;
  const laps = await lapsByPicture(subject, quiet({ now: () => 0 }), recipeOf(subject.model, 0), done);
  // Its negative text is remembered since.
  await expect(laps.lap(recipeOf(subject.model, 1))).rejects.toThrow(/Wanted 7 calls .* got 6/);
  await subject.networks.dispose();
});
