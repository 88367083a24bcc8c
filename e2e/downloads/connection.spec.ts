/** The same, over connections that break, go silent or are not let through. */

import { expect } from "@playwright/test";
import type { Quirks } from "../support/faultyServer";
import { test, WEIGHTS } from "./harness";

/** Quirks of the first answer only. */
const once = (quirks: Quirks) => (time: number) => (time === 1 ? quirks : {});
const always = (quirks: Quirks) => () => quirks;

test("[L17] a connection that goes silent is given up and continued", async ({ bench }) => {
  await bench.start({ stallMs: 1000 });
  const offer = bench.offer(once({ stallAt: 30_000 }));
  await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.ranges()).toEqual([null, "bytes=30000-"]);
});

test("[L18] one that always goes silent ends in a sentence", async ({ bench }) => {
  await bench.start({ stallMs: 1000 });
  const offer = bench.offer(always({ stallAt: 30_000 }));
  const { failure } = await bench.fetch(offer);
  expect(failure).toMatchObject({
    code: "model-missing",
    message: expect.stringContaining("nothing came any more"),
  });
  await bench.expectNotReady(offer);
});

test("[L19] a host that is slow but never silent is waited for", async ({ bench }) => {
  await bench.start({ stallMs: 1000 });
  const offer = bench.offer(always({ dripMs: 100 }));
  const { progress } = await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.timesAsked()).toBe(1);
  const speeds = progress.flatMap(({ bytesPerSecond }) => (bytesPerSecond === null ? [] : [bytesPerSecond]));
  expect(speeds.length).toBeGreaterThan(0);
  for (const speed of speeds) expect(speed).toBeLessThan(200_000);
});

for (const status of [503, 429]) {
  test(`[L20] a host that answers ${status} is asked again when it said`, async ({ bench }) => {
    const offer = bench.offer(once({ status, retryAfter: "1" }));
    const began = performance.now();
    await bench.fetch(offer);
    expect(performance.now() - began).toBeGreaterThan(1000);
    await bench.expectReady(offer);
    expect(bench.timesAsked()).toBe(2);
  });
}

test("[L21] one that always answers 503, or asks for an hour, is given up in a sentence", async ({
  bench,
}) => {
  const offer = bench.offer(always({ status: 503 }));
  const { failure } = await bench.fetch(offer);
  expect(failure).toMatchObject({ code: "model-missing", message: expect.stringContaining("answered 503") });
  expect(bench.timesAsked()).toBe(4);
  await bench.expectNotReady(offer);
  expect((await bench.fetch(bench.offer(always({ status: 503, retryAfter: "3600" })))).failure?.code).toBe(
    "model-missing",
  );
  expect(bench.timesAsked()).toBe(5);
});

test("[L22] a web page instead of the file is called one, and once it is gone the rest is fetched", async ({
  bench,
}) => {
  const offer = bench.offer((time) => (time === 1 ? { cutAt: 40_000 } : time === 2 ? { page: true } : {}));
  const { failure } = await bench.fetch(offer);
  expect(failure).toMatchObject({ code: "model-missing", message: expect.stringContaining("sign in") });
  await bench.expectNotReady(offer);
  await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.ranges()[2]).toMatch(/^bytes=/);
});

for (const [status, hint] of [
  [401, "account"],
  [404, "not there any more"],
] as const) {
  test(`[L23] ${status} is not asked again, and says what to do`, async ({ bench }) => {
    const offer = bench.offer(always({ status }));
    const { failure } = await bench.fetch(offer);
    expect(failure).toMatchObject({ code: "model-missing", message: expect.stringContaining(hint) });
    expect(bench.timesAsked()).toBe(1);
  });
}

test("[L24] a file that is packed in transit counts by what it unpacks to, and more than announced is refused", async ({
  bench,
}) => {
  const right = bench.offer(always({ isPacked: true }));
  await bench.fetch(right);
  await bench.expectReady(right);
  await bench.ask({ about: "remove", modelId: right.plan.modelId });
  const inflating = bench.offer(
    always({ isPacked: true, body: Buffer.concat([WEIGHTS, Buffer.alloc(100_000)]) }),
  );
  const { failure } = await bench.fetch(inflating);
  expect(failure).toMatchObject({
    code: "model-missing",
    message: expect.stringContaining("more than the announced"),
  });
  await bench.expectNotReady(inflating);
});

test("[L25] a host that lets no If-Range be asked from another site is asked without", async ({ bench }) => {
  const offer = bench.offer((time) => ({ refusesPreflight: true, ...(time === 1 && { cutAt: 40_000 }) }));
  await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.seen().map(({ ifRange }) => ifRange)).toEqual([null, null]);
  expect(bench.ranges()[1]).toMatch(/^bytes=/);
});

test("[L26] a host that hides its headers: a published hash and the length are enough to go on", async ({
  bench,
}) => {
  const offer = bench.offer((time) => ({ hidesHeaders: true, ...(time === 1 && { cutAt: 40_000 }) }));
  await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.ranges()).toEqual([null, expect.stringMatching(/^bytes=[1-9]/)]);
});

test("[L27] a file that is shorter at the host than what is here says that it was changed", async ({
  bench,
}) => {
  const shorter = { body: WEIGHTS.subarray(0, 1000), ignoresIfRange: true };
  const offer = bench.offer((time) => (time === 1 ? { cutAt: 40_000 } : shorter));
  const { failure } = await bench.fetch(offer);
  expect(failure).toMatchObject({
    code: "model-missing",
    message: expect.stringMatching(/1000; it was changed/),
  });
  await bench.expectNotReady(offer);
});
