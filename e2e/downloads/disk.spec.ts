/** Kept models when the disk is full, files go away behind the library's back, or come from the person's own disk. */

import { expect } from "@playwright/test";
import { CONFIG, type Offer, sha256, test } from "./harness";

const LARGEST = "unet/weights.safetensors";
const SMALLEST = "unet/config.json";

test("[L30] pause and go on, in another session: what is here is read again, and only the rest is fetched", async ({
  bench,
}) => {
  const offer = bench.offer(() => ({ dripMs: 60 }));
  const paused = await bench.fetch(offer, 30_000);
  expect(paused.failure).toMatchObject({ code: "cancelled", message: expect.stringContaining("kept") });
  await bench.expectNotReady(offer);
  const { models } = await bench.ask({ about: "list" });
  const kept = (models?.[0]?.keptBytes ?? 0) - CONFIG.length;
  expect(kept).toBeGreaterThanOrEqual(30_000 - CONFIG.length);
  expect((await bench.ask({ about: "complete", plan: offer.plan })).plan?.keptBytes).toBe(
    kept + CONFIG.length,
  );
  await bench.start();
  const { progress } = await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.ranges()).toEqual([null, `bytes=${kept}-`]);
  expect(progress.filter(({ stage }) => stage === "check").at(-1)).toMatchObject({
    doneBytes: kept,
    totalBytes: kept,
  });
});

test("[L31] a part that changed on disk between two sessions is not built upon, published hash or not", async ({
  bench,
}) => {
  const offer = bench.offer(() => ({ dripMs: 60 }), false);
  expect((await bench.fetch(offer, 30_000)).failure?.code).toBe("cancelled");
  await bench.ask({ about: "tamper", ending: LARGEST, how: "flip" });
  await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.ranges()).toEqual([null, null]);
});

test("[L32] storage that is full at any one write stops the fetch with a sentence; with room again it goes on", async ({
  bench,
}) => {
  const offer = bench.smallOffer();
  let stops = 0;
  for (let fullAt = 1; ; fullAt++) {
    await bench.start({ fullAt });
    const { failure } = await bench.fetch(offer);
    if (failure === undefined) break;
    expect(failure).toMatchObject({
      code: "storage-full",
      message: expect.stringContaining("Delete a model"),
    });
    await bench.expectNotReady(offer);
    stops++;
    if (fullAt > 2) await bench.ask({ about: "remove", modelId: offer.plan.modelId });
  }
  expect(stops).toBeGreaterThan(10);
  await bench.expectReady(offer);
});

test("[L33] a quota that runs out mid-way is said, and nothing is lost", async ({ bench }) => {
  const offer = bench.offer(() => ({ dripMs: 200 }));
  const quota = await bench.overrideQuota();
  const fetching = bench.fetch(offer);
  const kept = async () => (await bench.ask({ about: "list" })).models?.[0]?.keptBytes ?? 0;
  await expect.poll(kept).toBeGreaterThan(10_000);
  await quota.leave(0);
  expect((await fetching).failure?.code).toBe("storage-full");
  const left = await kept();
  expect(left).toBeGreaterThan(10_000);
  await quota.lift();
  await bench.expectNotReady(offer);
  await bench.fetch(offer);
  await bench.expectReady(offer);
});

test("[L34] a model that cannot fit is refused before its first byte, with the numbers", async ({
  bench,
}) => {
  await bench.start({ freeBytes: 50_000_000 });
  const { failure } = await bench.fetch(bench.offer());
  const sentence = expect.stringMatching(/needs 67 MB.*grants this site 50 MB/);
  expect(failure).toMatchObject({ code: "storage-full", message: sentence });
  expect(bench.timesAsked()).toBe(0);
  expect((await bench.ask({ about: "list" })).models).toEqual([]);
});

for (const how of ["delete", "cut"] as const) {
  test(`[L35] a file that is gone or cut behind its back (${how}) makes the model damaged, and only it is fetched`, async ({
    bench,
  }) => {
    const offer = bench.offer();
    await bench.fetch(offer);
    await bench.ask({ about: "tamper", ending: LARGEST, how });
    const { failure } = await bench.ask({ about: "open", modelId: offer.plan.modelId });
    expect(failure).toMatchObject({ code: "model-corrupt", message: expect.stringContaining(LARGEST) });
    await bench.expectNotReady(offer);
    const { models } = await bench.ask({ about: "list" });
    expect(models).toMatchObject([{ state: "damaged", damagedPaths: [LARGEST] }]);
    const asked = bench.host.seen.length;
    await bench.fetch(offer);
    await bench.expectReady(offer);
    expect(bench.host.seen.slice(asked).map(({ path }) => path)).toEqual([`${bench.name}/${LARGEST}`]);
  });
}

test("[L36] verifying finds one flipped bit, names the file, and fetching repairs only that", async ({
  bench,
}) => {
  const offer = bench.offer();
  await bench.fetch(offer);
  const whole = await bench.ask({ about: "verify", modelId: offer.plan.modelId });
  expect(whole.models).toMatchObject([{ state: "ready", damagedPaths: [] }]);
  expect(whole.progress.at(-1)).toMatchObject({ stage: "verify", doneBytes: offer.plan.totalBytes });
  await bench.ask({ about: "tamper", ending: LARGEST, how: "flip" });
  const { models } = await bench.ask({ about: "verify", modelId: offer.plan.modelId });
  expect(models).toMatchObject([{ state: "damaged", damagedPaths: [LARGEST] }]);
  await bench.expectNotReady(offer);
  const asked = bench.host.seen.length;
  await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.host.seen.slice(asked).map(({ path }) => path)).toEqual([`${bench.name}/${LARGEST}`]);
});

test("[L37] removing leaves nothing, also in the middle of a fetch", async ({ bench }) => {
  const offer = bench.offer();
  const { modelId } = offer.plan;
  await bench.fetch(offer);
  await bench.ask({ about: "remove", modelId });
  expect((await bench.ask({ about: "list" })).models).toEqual([]);
  expect(await bench.filesOnDisk()).toEqual([]);
  const slow = bench.offer(() => ({ dripMs: 100 }));
  const fetching = bench.fetch(slow);
  await expect.poll(() => bench.timesAsked()).toBe(2);
  await bench.ask({ about: "remove", modelId });
  expect((await fetching).failure?.code).toBe("cancelled");
  expect((await bench.ask({ about: "list" })).models).toEqual([]);
  expect(await bench.filesOnDisk()).toEqual([]);
  await bench.ask({ about: "remove", modelId });
});

test("[L38] files of no model are swept away, and those of models are not", async ({ bench }) => {
  const offer = bench.offer();
  await bench.fetch(offer);
  await bench.plant("models/0123/unet/left-behind.safetensors");
  await bench.ask({ about: "list" });
  expect((await bench.filesOnDisk()).length).toBe(3);
  await bench.expectReady(offer);
});

test("[L39] a plan that names a file twice, or one outside of the model, is refused", async ({ bench }) => {
  const { plan } = bench.offer();
  const [first] = plan.files;
  if (first === undefined) throw new Error("wanted a file");
  for (const path of ["../up", "a/../../b", "/a", "a//b", "", ".", "a\\b", "a\u0000"]) {
    const hostile: Offer = { plan: { ...plan, files: [{ ...first, path }] }, digests: {} };
    expect((await bench.fetch(hostile)).failure?.code).toBe("bad-request");
  }
  const twice: Offer = { plan: { ...plan, files: [first, first] }, digests: {} };
  expect((await bench.fetch(twice)).failure?.code).toBe("bad-request");
  expect((await bench.ask({ about: "list" })).models).toEqual([]);
});

const DATA = "a".repeat(20_000);
const HEADER = JSON.stringify({ weight: { dtype: "U8", shape: [20_000], data_offsets: [0, 20_000] } });
/** Its length fits into one byte, and so all of the file is text. */
const SAFETENSORS = `${String.fromCharCode(HEADER.length)}${"\0".repeat(7)}${HEADER}${DATA}`;

test("[L40] chosen files come in through the same gate, and go out as they came", async ({ bench }) => {
  const files = [
    { path: SMALLEST, text: CONFIG.toString() },
    { path: LARGEST, text: SAFETENSORS },
  ];
  const digests = { [SMALLEST]: sha256(CONFIG), [LARGEST]: sha256(Buffer.from(SAFETENSORS)) };
  const { models, progress } = await bench.ask({ about: "import", name: "My: model", files, pauseAt: null });
  expect(models).toMatchObject([{ state: "ready", origin: null, name: "My: model" }]);
  expect(progress.at(-1)).toMatchObject({ stage: "copy" });
  const modelId = models?.[0]?.modelId ?? "";
  expect((await bench.ask({ about: "open", modelId })).digests).toEqual(digests);
  const again = await bench.ask({ about: "import", name: "My: model", files, pauseAt: null });
  expect(again.failure?.code).toBe("bad-request");
  const into = `${bench.name}-out`;
  await bench.ask({ about: "export", modelId, into });
  const out = await bench.ask({ about: "disk", under: into });
  const named = Object.entries(digests).map(([path, digest]) => [`My- model/${path}`, digest]);
  expect(out.digests).toEqual(Object.fromEntries(named));
  await bench.ask({ about: "tamper", ending: LARGEST, how: "flip" });
  expect((await bench.ask({ about: "export", modelId, into })).failure?.code).toBe("model-corrupt");
  const { models: left } = await bench.ask({ about: "list" });
  expect(left).toMatchObject([{ state: "damaged", damagedPaths: [LARGEST] }]);
});

for (const [what, files, code] of [
  ["truncated weights", [{ path: LARGEST, text: SAFETENSORS.slice(0, -1) }], "model-corrupt"],
  [
    "weights with a lying header",
    [{ path: LARGEST, text: `\u007f${SAFETENSORS.slice(1)}` }],
    "model-corrupt",
  ],
  ["papers that are not JSON", [{ path: SMALLEST, text: "{" }], "model-corrupt"],
  ["an empty file of weights", [{ path: LARGEST, text: "" }], "model-corrupt"],
  ["a path that leads out", [{ path: "../a.json", text: "{}" }], "bad-request"],
  ["no files", [], "bad-request"],
] as const) {
  test(`[L41] importing ${what} is refused, and nothing of it stays`, async ({ bench }) => {
    const { failure } = await bench.ask({ about: "import", name: "Bad", files, pauseAt: null });
    expect(failure?.code).toBe(code);
    expect(await bench.filesOnDisk()).toEqual([]);
    expect((await bench.ask({ about: "list" })).models).toEqual([]);
  });
}

test("[L42] without in-place files everything works the same, by whole copies", async ({ bench }) => {
  await bench.start({ copies: true, chunkBytes: 512 });
  const offer = bench.offer(() => ({ dripMs: 60 }));
  expect((await bench.fetch(offer, 30_000)).failure?.code).toBe("cancelled");
  await bench.start({ copies: true, chunkBytes: 512 });
  await bench.fetch(offer);
  await bench.expectReady(offer);
  expect(bench.ranges()[1]).toMatch(/^bytes=[1-9]/);
});
