/** Tabs that are killed at any moment, two at once, and a network that goes away: "ready" always means that every byte is right. */

import { expect } from "@playwright/test";
import type { Quirks } from "../support/faultyServer";
import { type Bench, type Offer, test } from "./harness";

test("[L50] a worker killed before any one touch of storage: the next one goes on, and is never wrongly ready", async ({
  bench,
}) => {
  test.setTimeout(120_000);
  const offer = bench.smallOffer();
  let kills = 0;
  for (let haltAt = 1; ; haltAt++) {
    await bench.start({ haltAt });
    const answer = await bench.tryAsk({ about: "fetch", plan: offer.plan, pauseAt: null });
    if (answer !== null) break;
    kills++;
    await bench.start();
    const { models } = await bench.ask({ about: "list" });
    if (models?.[0]?.state === "ready") await bench.expectReady(offer);
    await bench.fetch(offer);
    await bench.expectReady(offer);
    await bench.ask({ about: "remove", modelId: offer.plan.modelId });
  }
  expect(kills).toBeGreaterThanOrEqual(20);
});

test("[L59] nothing is recorded of bytes that are not flushed yet", async ({ bench }) => {
  const { touches } = await bench.fetch(bench.offer());
  const order = touches.join(" ");
  expect(order).toMatch(/write flush put/);
  expect(order).not.toMatch(/write (truncate |close )*put/);
});

test("[L51] killed before any one touch of storage while removing: what is left is not ready, and is swept away", async ({
  bench,
}) => {
  const offer = bench.smallOffer();
  const { modelId } = offer.plan;
  let kills = 0;
  for (let haltAt = 1; ; haltAt++) {
    await bench.start();
    await bench.fetch(offer);
    await bench.start({ haltAt });
    if ((await bench.tryAsk({ about: "remove", modelId })) !== null) break;
    kills++;
    await bench.start();
    const { models } = await bench.ask({ about: "list" });
    if (models?.length === 0) await expect.poll(() => bench.filesOnDisk()).toEqual([]);
    else await bench.expectReady(offer);
  }
  expect(kills).toBe(2);
});

test("[L52] a tab closed in the middle: a new one goes on where it was", async ({ bench }) => {
  const offer = bench.offer(() => ({ dripMs: 100 }));
  const page = await bench.newPage();
  await bench.start({}, "first", page);
  const fetching = bench.tryAsk({ about: "fetch", plan: offer.plan, pauseAt: null }, "first", page);
  const lost = fetching.then(
    () => false,
    () => true,
  );
  const kept = async () => (await bench.ask({ about: "list" })).models?.[0]?.keptBytes ?? 0;
  await expect.poll(kept).toBeGreaterThan(20_000);
  await page.close({ runBeforeUnload: false });
  expect(await lost).toBe(true);
  await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.ranges()).toEqual([null, expect.stringMatching(/^bytes=[1-9]/)]);
});

test("[L53] two tabs at once: one fetches, the other follows its progress, and both end ready", async ({
  bench,
}) => {
  const offer = bench.offer(() => ({ dripMs: 100 }));
  const page = await bench.newPage();
  await bench.start({}, "second", page);
  const first = bench.fetch(offer);
  await expect.poll(() => bench.timesAsked()).toBe(1);
  const second = bench.fetch(offer, null, "second", page);
  expect((await first).models).toMatchObject([{ state: "ready" }]);
  const followed = await second;
  expect(followed.models).toMatchObject([{ state: "ready" }]);
  expect(followed.progress.length).toBeGreaterThan(0);
  expect(bench.host.seen.filter(({ path }) => path.startsWith(`${bench.name}/`)).length).toBe(3);
  await bench.expectReady(offer);
});

test("[L54] the tab that follows takes over when the other is killed", async ({ bench }) => {
  const offer = bench.offer(() => ({ dripMs: 100 }));
  await bench.start({}, "second");
  const first = bench.tryAsk({ about: "fetch", plan: offer.plan, pauseAt: null });
  await expect.poll(() => bench.timesAsked()).toBe(1);
  const second = bench.fetch(offer, null, "second");
  await bench.end("first");
  expect(await first).toBeNull();
  expect((await second).models).toMatchObject([{ state: "ready" }]);
  await bench.expectReady(offer, "second");
});

test("[L55] what cannot be done twice at once is said in a sentence", async ({ bench }) => {
  const offer = bench.offer(() => ({ dripMs: 300 }));
  const fetching = bench.fetch(offer);
  await expect.poll(() => bench.timesAsked()).toBe(1);
  const { failure } = await bench.ask({ about: "verify", modelId: offer.plan.modelId });
  expect(failure).toMatchObject({ code: "bad-request", message: expect.stringContaining("another tab") });
  await fetching;
  await bench.expectReady(offer);
});

test("[L56] a network that goes away mid-way ends in a sentence, and once it is back the fetch goes on", async ({
  bench,
}) => {
  const offer = bench.offer(() => ({ dripMs: 250 }));
  const fetching = bench.fetch(offer);
  const kept = async () => (await bench.ask({ about: "list" })).models?.[0]?.keptBytes ?? 0;
  await expect.poll(kept).toBeGreaterThan(20_000);
  await bench.host.stop();
  expect((await fetching).failure).toMatchObject({
    code: "model-missing",
    message: expect.stringMatching(/connection broke.*goes on from there/),
  });
  await bench.expectNotReady(offer);
  await bench.host.start();
  await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.ranges().at(-1)).toMatch(/^bytes=[1-9]/);
});

test("[L57] a network that is back before the last try is not even noticed", async ({ bench }) => {
  await bench.start({ triesMax: 20 });
  const offer = bench.offer(() => ({ dripMs: 100 }));
  const fetching = bench.fetch(offer);
  await expect.poll(() => bench.timesAsked()).toBe(1);
  await bench.host.stop();
  await bench.host.start();
  expect((await fetching).models).toMatchObject([{ state: "ready" }]);
  await bench.expectReady(offer);
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
async function happen(bench: Bench, offer: Offer, what: number, how: number): Promise<void> {
  const { plan } = offer;
  const { modelId } = plan;
  switch (what) {
    case 0:
      return void (await bench.fetch(offer, how * 10_000));
    case 1:
      await bench.start({ haltAt: 1 + how * 3 });
      await bench.tryAsk({ about: "fetch", plan, pauseAt: null });
      return bench.start();
    case 2:
      await bench.start({ fullAt: 1 + how });
      await bench.fetch(offer);
      return bench.start();
    case 3:
      await bench.start({}, "second");
      await Promise.all([bench.fetch(offer), bench.fetch(offer, how * 10_000, "second")]);
      return bench.end("second");
    case 4: {
      const ending = FILES[how % FILES.length] ?? "";
      const there = (await bench.filesOnDisk()).some((path) => path.endsWith(ending));
      if (there) await bench.ask({ about: "tamper", ending, how: how % 2 === 0 ? "flip" : "cut" });
      return void (await bench.ask({ about: "verify", modelId }));
    }
    default:
      return how > 6 ? void (await bench.ask({ about: "remove", modelId })) : bench.start();
  }
}

for (const seed of [1, 2, 3, 4]) {
  test(`[L58] whatever happens in whatever order (${seed}): "ready" is said only of right bytes, and a good host mends all`, async ({
    bench,
  }) => {
    let state = Math.imul(seed, 2654435761) >>> 0;
    const draw = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const offer = bench.offer(() => MISCHIEF[draw(MISCHIEF.length)] ?? {});
    for (let i = 0; i < 12; i++) {
      await happen(bench, offer, draw(6), draw(10));
      const { models } = await bench.ask({ about: "list" });
      if (models?.[0]?.state === "ready") await bench.expectReady(offer);
    }
    const good = bench.offer();
    await bench.fetch(good);
    await bench.expectReady(good);
  });
}
