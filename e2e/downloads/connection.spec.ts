/** The same, over connections that break, go silent or are not let through. */

import { expect } from "@playwright/test";
import type { Quirks } from "../support/faultyServer";
import { test, WEIGHTS } from "./harness";

/** Quirks of the first answer only. */
const once = (quirks: Quirks) => (time: number) => (time === 1 ? quirks : {});
const always = (quirks: Quirks) => () => quirks;

test("a connection that goes silent is given up and continued", async ({ harness }) => {
  await harness.start({ stallMs: 1000 });
  const offer = harness.offer(once({ stallAt: 30_000 }));
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.ranges()).toEqual([null, "bytes=30000-"]);
});

test("one that always goes silent ends in a sentence", async ({ harness }) => {
  await harness.start({ stallMs: 1000 });
  const offer = harness.offer(always({ stallAt: 30_000 }));
  const { failure } = await harness.fetch(offer);
  expect(failure).toMatchObject({
    code: "model-missing",
    message: expect.stringContaining("nothing came any more"),
  });
  await harness.expectNotReady(offer);
});

test("a host that is slow but never silent is waited for", async ({ harness }) => {
  await harness.start({ stallMs: 1000 });
  const offer = harness.offer(always({ dripMs: 100 }));
  const { progress } = await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.timesAsked()).toBe(1);
  const speeds = progress.flatMap(({ bytesPerSecond }) => (bytesPerSecond === null ? [] : [bytesPerSecond]));
  expect(speeds.length).toBeGreaterThan(0);
  for (const speed of speeds) expect(speed).toBeLessThan(200_000);
});

for (const status of [503, 429]) {
  test(`a host that answers ${status} is asked again when it said`, async ({ harness }) => {
    const offer = harness.offer(once({ status, retryAfter: "1" }));
    const began = performance.now();
    await harness.fetch(offer);
    expect(performance.now() - began).toBeGreaterThan(1000);
    await harness.expectReady(offer);
    expect(harness.timesAsked()).toBe(2);
  });
}

test("one that always answers 503, or asks for an hour, is given up in a sentence", async ({ harness }) => {
  const offer = harness.offer(always({ status: 503 }));
  const { failure } = await harness.fetch(offer);
  expect(failure).toMatchObject({ code: "model-missing", message: expect.stringContaining("answered 503") });
  expect(harness.timesAsked()).toBe(4);
  await harness.expectNotReady(offer);
  expect(
    (await harness.fetch(harness.offer(always({ status: 503, retryAfter: "3600" })))).failure?.code,
  ).toBe("model-missing");
  expect(harness.timesAsked()).toBe(5);
});

test("a web page instead of the file is called one, and once it is gone the rest is fetched", async ({
  harness,
}) => {
  const offer = harness.offer((time) => (time === 1 ? { cutAt: 40_000 } : time === 2 ? { page: true } : {}));
  const { failure } = await harness.fetch(offer);
  expect(failure).toMatchObject({ code: "model-missing", message: expect.stringContaining("sign in") });
  await harness.expectNotReady(offer);
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.ranges()[2]).toMatch(/^bytes=/);
});

for (const [status, hint] of [
  [401, "account"],
  [404, "not there any more"],
] as const) {
  test(`${status} is not asked again, and says what to do`, async ({ harness }) => {
    const offer = harness.offer(always({ status }));
    const { failure } = await harness.fetch(offer);
    expect(failure).toMatchObject({ code: "model-missing", message: expect.stringContaining(hint) });
    expect(harness.timesAsked()).toBe(1);
  });
}

test("a file that is packed in transit counts by what it unpacks to, and more than announced is refused", async ({
  harness,
}) => {
  const right = harness.offer(always({ isPacked: true }));
  await harness.fetch(right);
  await harness.expectReady(right);
  await harness.ask({ about: "remove", modelId: right.plan.modelId });
  const inflating = harness.offer(
    always({ isPacked: true, body: Buffer.concat([WEIGHTS, Buffer.alloc(100_000)]) }),
  );
  const { failure } = await harness.fetch(inflating);
  expect(failure).toMatchObject({
    code: "model-missing",
    message: expect.stringContaining("more than the announced"),
  });
  await harness.expectNotReady(inflating);
});

test("a host that lets no If-Range be asked from another site is asked without", async ({ harness }) => {
  const offer = harness.offer((time) => ({ refusesPreflight: true, ...(time === 1 && { cutAt: 40_000 }) }));
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.seen().map(({ ifRange }) => ifRange)).toEqual([null, null]);
  expect(harness.ranges()[1]).toMatch(/^bytes=/);
});

test("a host that hides its headers: a published hash and the length are enough to go on", async ({
  harness,
}) => {
  const offer = harness.offer((time) => ({ hidesHeaders: true, ...(time === 1 && { cutAt: 40_000 }) }));
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.ranges()).toEqual([null, expect.stringMatching(/^bytes=[1-9]/)]);
});

test("a file that is shorter at the host than what is here says that it was changed", async ({ harness }) => {
  const shorter = { body: WEIGHTS.subarray(0, 1000), ignoresIfRange: true };
  const offer = harness.offer((time) => (time === 1 ? { cutAt: 40_000 } : shorter));
  const { failure } = await harness.fetch(offer);
  expect(failure).toMatchObject({
    code: "model-missing",
    message: expect.stringMatching(/1000; it was changed/),
  });
  await harness.expectNotReady(offer);
});
