/** Tabs that are killed at any moment, two at once, and a network that goes away: "ready" always means that every byte is right. */

import { expect } from "@playwright/test";
import type { Quirks } from "../support/faultyServer";
import { type Harness, type Offer, test } from "./harness";

test("a worker killed before any one touch of storage: the next one goes on, and is never wrongly ready", async ({
  harness,
}) => {
  test.setTimeout(120_000);
  const offer = harness.smallOffer();
  let kills = 0;
  for (let haltAt = 1; ; haltAt++) {
    await harness.start({ haltAt });
    const answer = await harness.tryAsk({ about: "fetch", plan: offer.plan, pauseAt: null });
    if (answer !== null) break;
    kills++;
    await harness.start();
    const { models } = await harness.ask({ about: "list" });
    if (models?.[0]?.state === "ready") await harness.expectReady(offer);
    await harness.fetch(offer);
    await harness.expectReady(offer);
    await harness.ask({ about: "remove", modelId: offer.plan.modelId });
  }
  expect(kills).toBeGreaterThanOrEqual(20);
});

test("nothing is recorded of bytes that are not flushed yet", async ({ harness }) => {
  const { touches } = await harness.fetch(harness.offer());
  const order = touches.join(" ");
  expect(order).toMatch(/write flush put/);
  expect(order).not.toMatch(/write (truncate |close )*put/);
});

test("killed before any one touch of storage while removing: what is left is not ready, and is swept away", async ({
  harness,
}) => {
  const offer = harness.smallOffer();
  const { modelId } = offer.plan;
  let kills = 0;
  for (let haltAt = 1; ; haltAt++) {
    await harness.start();
    await harness.fetch(offer);
    await harness.start({ haltAt });
    if ((await harness.tryAsk({ about: "remove", modelId })) !== null) break;
    kills++;
    await harness.start();
    const { models } = await harness.ask({ about: "list" });
    if (models?.length === 0) await expect.poll(() => harness.filesOnDisk()).toEqual([]);
    else await harness.expectReady(offer);
  }
  expect(kills).toBe(2);
});

test("a tab closed in the middle: a new one goes on where it was", async ({ harness }) => {
  const offer = harness.offer(() => ({ dripMs: 100 }));
  const page = await harness.newPage();
  await harness.start({}, "first", page);
  const fetching = harness.tryAsk({ about: "fetch", plan: offer.plan, pauseAt: null }, "first", page);
  const lost = fetching.then(
    () => false,
    () => true,
  );
  const kept = async () => (await harness.ask({ about: "list" })).models?.[0]?.keptBytes ?? 0;
  await expect.poll(kept).toBeGreaterThan(20_000);
  await page.close({ runBeforeUnload: false });
  expect(await lost).toBe(true);
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.ranges()).toEqual([null, expect.stringMatching(/^bytes=[1-9]/)]);
});

test("two tabs at once: one fetches, the other follows its progress, and both end ready", async ({
  harness,
}) => {
  const offer = harness.offer(() => ({ dripMs: 100 }));
  const page = await harness.newPage();
  await harness.start({}, "second", page);
  const first = harness.fetch(offer);
  await expect.poll(() => harness.timesAsked()).toBe(1);
  const second = harness.fetch(offer, null, "second", page);
  expect((await first).models).toMatchObject([{ state: "ready" }]);
  const followed = await second;
  expect(followed.models).toMatchObject([{ state: "ready" }]);
  expect(followed.progress.length).toBeGreaterThan(0);
  expect(harness.host.seen.filter(({ path }) => path.startsWith(`${harness.name}/`)).length).toBe(3);
  await harness.expectReady(offer);
});

test("the tab that follows takes over when the other is killed", async ({ harness }) => {
  const offer = harness.offer(() => ({ dripMs: 100 }));
  await harness.start({}, "second");
  const first = harness.tryAsk({ about: "fetch", plan: offer.plan, pauseAt: null });
  await expect.poll(() => harness.timesAsked()).toBe(1);
  const second = harness.fetch(offer, null, "second");
  await harness.end("first");
  expect(await first).toBeNull();
  expect((await second).models).toMatchObject([{ state: "ready" }]);
  await harness.expectReady(offer, "second");
});

test("what cannot be done twice at once is said in a sentence", async ({ harness }) => {
  const offer = harness.offer(() => ({ dripMs: 300 }));
  const fetching = harness.fetch(offer);
  await expect.poll(() => harness.timesAsked()).toBe(1);
  const { failure } = await harness.ask({ about: "verify", modelId: offer.plan.modelId });
  expect(failure).toMatchObject({ code: "bad-request", message: expect.stringContaining("another tab") });
  await fetching;
  await harness.expectReady(offer);
});

test("a network that goes away mid-way ends in a sentence, and once it is back the fetch goes on", async ({
  harness,
}) => {
  const offer = harness.offer(() => ({ dripMs: 250 }));
  const fetching = harness.fetch(offer);
  const kept = async () => (await harness.ask({ about: "list" })).models?.[0]?.keptBytes ?? 0;
  await expect.poll(kept).toBeGreaterThan(20_000);
  await harness.host.stop();
  expect((await fetching).failure).toMatchObject({
    code: "model-missing",
    message: expect.stringMatching(/connection broke.*goes on from there/),
  });
  await harness.expectNotReady(offer);
  await harness.host.start();
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.ranges().at(-1)).toMatch(/^bytes=[1-9]/);
});

test("a network that is back before the last try is not even noticed", async ({ harness }) => {
  await harness.start({ triesMax: 20 });
  const offer = harness.offer(() => ({ dripMs: 100 }));
  const fetching = harness.fetch(offer);
  await expect.poll(() => harness.timesAsked()).toBe(1);
  await harness.host.stop();
  await harness.host.start();
  expect((await fetching).models).toMatchObject([{ state: "ready" }]);
  await harness.expectReady(offer);
});

const MISCHIEF: readonly Quirks[] = [
  {},
  { cutAt: 30_000 },
  { endAt: 50_000 },
  { flipAt: 45_000 },
  { ignoresRange: true },
  { contentRange: "bytes 1-59999/60068" },
  { status: 503 },
  { page: true },
  { etag: null },
  { dripMs: 20 },
];
const FILES = ["unet/config.json", "unet/weights.safetensors", "vae/weights.safetensors"];

/** One thing that can happen to a model, chosen by two numbers. */
async function happen(harness: Harness, offer: Offer, what: number, how: number): Promise<void> {
  const { plan } = offer;
  const { modelId } = plan;
  switch (what) {
    case 0:
      return void (await harness.fetch(offer, how * 10_000));
    case 1:
      await harness.start({ haltAt: 1 + how * 3 });
      await harness.tryAsk({ about: "fetch", plan, pauseAt: null });
      return harness.start();
    case 2:
      await harness.start({ fullAt: 1 + how });
      await harness.fetch(offer);
      return harness.start();
    case 3:
      await harness.start({}, "second");
      await Promise.all([harness.fetch(offer), harness.fetch(offer, how * 10_000, "second")]);
      return harness.end("second");
    case 4: {
      const ending = FILES[how % FILES.length] ?? "";
      const there = (await harness.filesOnDisk()).some((path) => path.endsWith(ending));
      if (there) await harness.ask({ about: "tamper", ending, how: how % 2 === 0 ? "flip" : "cut" });
      return void (await harness.ask({ about: "verify", modelId }));
    }
    default:
      return how > 6 ? void (await harness.ask({ about: "remove", modelId })) : harness.start();
  }
}

for (const seed of [1, 2, 3, 4]) {
  test(`whatever happens in whatever order (${seed}): "ready" is said only of right bytes, and a good host mends all`, async ({
    harness,
  }) => {
    let state = Math.imul(seed, 2654435761) >>> 0;
    const draw = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const offer = harness.offer(() => MISCHIEF[draw(MISCHIEF.length)] ?? {});
    for (let i = 0; i < 12; i++) {
      await happen(harness, offer, draw(6), draw(10));
      const { models } = await harness.ask({ about: "list" });
      if (models?.[0]?.state === "ready") await harness.expectReady(offer);
    }
    const good = harness.offer();
    await harness.fetch(good);
    await harness.expectReady(good);
  });
}
