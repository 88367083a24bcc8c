/** Models fetched by a real browser onto a real disk, from a host that misbehaves: "ready" always means that every byte is right. */

import { expect } from "@playwright/test";
import type { Quirks } from "../support/faultyServer";
import { CONFIG, type Offer, safetensors, sha256, test, WEIGHTS } from "./harness";

/** Quirks of the first answer only. */
const once = (quirks: Quirks) => (time: number) => (time === 1 ? quirks : {});
const always = (quirks: Quirks) => () => quirks;
/** The connection breaks once, so that the second request is for the rest; quirks are those of the second answer. */
const onResume = (quirks: Quirks) => (time: number) =>
  time === 1 ? { cutAt: 40_000 } : time === 2 ? quirks : {};

test("a good host: every file is asked for once, counted as it comes, and the model is ready", async ({
  harness,
}) => {
  const offer = harness.offer();
  const { models, progress } = await harness.fetch(offer);
  expect(models).toMatchObject([{ state: "ready", name: harness.name, files: 3, licence: "MIT" }]);
  await harness.expectReady(offer);
  expect(harness.ranges()).toEqual([null]);
  const done = progress.map(({ doneBytes }) => doneBytes);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(done.at(-1)).toBe(offer.plan.totalBytes);
  expect(new Set(progress.map(({ stage }) => stage))).toEqual(new Set(["fetch"]));
  const asked = harness.host.seen.length;
  expect((await harness.fetch(offer)).models).toMatchObject([{ state: "ready" }]);
  expect(harness.host.seen.length).toBe(asked);
});

test("a redirect is followed", async ({ harness }) => {
  const elsewhere = harness.host.serve(`${harness.name}/elsewhere`, WEIGHTS);
  const offer = harness.offer(always({ redirectTo: elsewhere }));
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.host.timesAsked(`${harness.name}/elsewhere`)).toBe(1);
});

test("a broken connection is continued where it broke, and only if the file is still the same", async ({
  harness,
}) => {
  const offer = harness.offer(onResume({}));
  await harness.fetch(offer);
  await harness.expectReady(offer);
  const [, rest] = harness.seen();
  expect(rest?.range).toMatch(/^bytes=[1-9]\d*-$/);
  expect(rest?.ifRange).toMatch(/^"[0-9a-f]{16}"$/);
  expect(harness.timesAsked()).toBe(2);
});

test("a host without ranges: the file begins again", async ({ harness }) => {
  const offer = harness.offer((time) => ({ ignoresRange: true, ...(time === 1 && { cutAt: 40_000 }) }));
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.timesAsked()).toBe(2);
});

for (const [what, contentRange] of [
  ["begins elsewhere", `bytes 100-${WEIGHTS.length - 1}/${WEIGHTS.length}`],
  ["is malformed", "bytes 0"],
  ["ends before it begins", `bytes 50000-49999/${WEIGHTS.length}`],
] as const) {
  test(`a part whose Content-Range ${what} is not taken: the file is fetched whole`, async ({ harness }) => {
    const offer = harness.offer(onResume({ contentRange }));
    await harness.fetch(offer);
    await harness.expectReady(offer);
    expect(harness.ranges()).toEqual([null, expect.stringMatching(/^bytes=/), null]);
  });
}

test("a Content-Range of another total says that the file was changed, and nothing is taken", async ({
  harness,
}) => {
  const cut = { endAt: 40_000 };
  const offer = harness.offer((time) => (time === 1 ? cut : { contentRange: "bytes 40000-70000/70001" }));
  const { failure } = await harness.fetch(offer);
  expect(failure).toMatchObject({ code: "model-missing", message: expect.stringContaining("70001") });
  await harness.expectNotReady(offer);
});

test("an answer that ends too early, without a word, is continued", async ({ harness }) => {
  const offer = harness.offer(once({ endAt: 30_000 }));
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.ranges()).toEqual([null, "bytes=30000-"]);
});

test("a file that always ends too early is given up after some tries; what came is kept", async ({
  harness,
}) => {
  const offer = harness.offer(always({ endAt: 30_000 }));
  const { failure } = await harness.fetch(offer);
  expect(failure).toMatchObject({
    code: "model-missing",
    message: expect.stringMatching(/30 kB of 60 kB.*kept/),
  });
  expect(harness.timesAsked()).toBe(4);
  await harness.expectNotReady(offer);
  const { models } = await harness.ask({ about: "list" });
  expect(models).toMatchObject([{ state: "partial", keptBytes: 30_000 + CONFIG.length }]);
});

for (const [what, quirks] of [
  ["declared empty", { body: Buffer.alloc(0) }],
  ["ended at once", { endAt: 0 }],
] as const) {
  test(`a file of 0 bytes, ${what}, is not a model`, async ({ harness }) => {
    const offer = harness.offer(always(quirks));
    expect((await harness.fetch(offer)).failure?.code).toBe("model-missing");
    await harness.expectNotReady(offer);
  });
}

const CHANGED = safetensors(60_000, 9);
const withChanged = ({ plan, digests }: Offer): Offer => ({
  plan,
  digests: { ...digests, "unet/weights.safetensors": sha256(CHANGED) },
});

test("a file that changes mid-way begins again: never the end of one behind the beginning of another", async ({
  harness,
}) => {
  const offer = harness.offer((time) => (time === 1 ? { cutAt: 40_000 } : { body: CHANGED }), false);
  await harness.fetch(offer);
  await harness.expectReady(withChanged(offer));
});

test("the same, from a host that sends the rest whatever If-Range says", async ({ harness }) => {
  const changed = { body: CHANGED, ignoresIfRange: true };
  const offer = harness.offer((time) => (time === 1 ? { cutAt: 40_000 } : changed), false);
  await harness.fetch(offer);
  await harness.expectReady(withChanged(offer));
});

test("the same, from a host that names no version: without a published hash nothing is continued", async ({
  harness,
}) => {
  const changed = { body: CHANGED, etag: null };
  const offer = harness.offer((time) => (time === 1 ? { cutAt: 40_000, etag: null } : changed), false);
  await harness.fetch(offer);
  await harness.expectReady(withChanged(offer));
  expect(harness.ranges()).toEqual([null, null]);
});

test("a file that is not the published one any more is refused, however often it comes", async ({
  harness,
}) => {
  const offer = harness.offer((time) => (time === 1 ? { cutAt: 40_000 } : { body: CHANGED }));
  expect((await harness.fetch(offer)).failure?.code).toBe("model-corrupt");
  await harness.expectNotReady(offer);
});

test("one flipped bit: the file is fetched again", async ({ harness }) => {
  const offer = harness.offer(once({ flipAt: 50_000 }));
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.timesAsked()).toBe(2);
});

test("a bit that is always flipped: three times fetched, then refused, and nothing of it kept", async ({
  harness,
}) => {
  const offer = harness.offer(always({ flipAt: 50_000 }));
  const { failure } = await harness.fetch(offer);
  expect(failure).toMatchObject({
    code: "model-corrupt",
    message: expect.stringMatching(/SHA-256.*3 times/),
  });
  expect(harness.timesAsked()).toBe(3);
  await harness.expectNotReady(offer);
  expect((await harness.ask({ about: "list" })).models).toMatchObject([{ keptBytes: CONFIG.length }]);
});

test("without a published hash a file that contradicts itself is refused all the same", async ({
  harness,
}) => {
  const longer = Buffer.from(WEIGHTS);
  longer.write("99999", longer.lastIndexOf("60000]"));
  const offer = harness.offer(always({ body: longer }), false);
  const { failure } = await harness.fetch(offer);
  expect(failure).toMatchObject({
    code: "model-corrupt",
    message: expect.stringContaining("claims bytes 74 to 100073"),
  });
  await harness.expectNotReady(offer);
});
