/** Kept models when the disk is full, files go away behind the library's back, or come from the person's own disk. */

import { expect } from "@playwright/test";
import { CONFIG, type Offer, sha256, test } from "./harness";

const LARGEST = "unet/weights.safetensors";
const SMALLEST = "unet/config.json";

test("pause and go on, in another session: what is here is read again, and only the rest is fetched", async ({
  harness,
}) => {
  const offer = harness.offer(() => ({ dripMs: 60 }));
  const paused = await harness.fetch(offer, 30_000);
  expect(paused.failure).toMatchObject({ code: "cancelled", message: expect.stringContaining("kept") });
  await harness.expectNotReady(offer);
  const { models } = await harness.ask({ about: "list" });
  const kept = (models?.[0]?.keptBytes ?? 0) - CONFIG.length;
  expect(kept).toBeGreaterThanOrEqual(30_000 - CONFIG.length);
  expect((await harness.ask({ about: "complete", plan: offer.plan })).plan?.keptBytes).toBe(
    kept + CONFIG.length,
  );
  await harness.start();
  const { progress } = await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.ranges()).toEqual([null, `bytes=${kept}-`]);
  expect(progress.filter(({ stage }) => stage === "check").at(-1)).toMatchObject({
    doneBytes: kept,
    totalBytes: kept,
  });
});

test("a part that changed on disk between two sessions is not built upon, published hash or not", async ({
  harness,
}) => {
  const offer = harness.offer(() => ({ dripMs: 60 }), false);
  expect((await harness.fetch(offer, 30_000)).failure?.code).toBe("cancelled");
  await harness.ask({ about: "tamper", ending: LARGEST, how: "flip" });
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.ranges()).toEqual([null, null]);
});

test("storage that is full at any one write stops the fetch with a sentence; with free space again it goes on", async ({
  harness,
}) => {
  const offer = harness.smallOffer();
  let stops = 0;
  for (let fullAt = 1; ; fullAt++) {
    await harness.start({ fullAt });
    const { failure } = await harness.fetch(offer);
    if (failure === undefined) break;
    expect(failure).toMatchObject({
      code: "storage-full",
      message: expect.stringContaining("Delete a model"),
    });
    await harness.expectNotReady(offer);
    stops++;
    if (fullAt > 2) await harness.ask({ about: "remove", modelId: offer.plan.modelId });
  }
  expect(stops).toBeGreaterThan(10);
  await harness.expectReady(offer);
});

test("a quota that runs out mid-way is said, and nothing is lost", async ({ harness }) => {
  const offer = harness.offer(() => ({ dripMs: 200 }));
  const quota = await harness.overrideQuota();
  const fetching = harness.fetch(offer);
  const kept = async () => (await harness.ask({ about: "list" })).models?.[0]?.keptBytes ?? 0;
  await expect.poll(kept).toBeGreaterThan(10_000);
  await quota.leave(0);
  expect((await fetching).failure?.code).toBe("storage-full");
  const left = await kept();
  expect(left).toBeGreaterThan(10_000);
  await quota.lift();
  await harness.expectNotReady(offer);
  await harness.fetch(offer);
  await harness.expectReady(offer);
});

test("a model that cannot fit is refused before its first byte, with the numbers", async ({ harness }) => {
  await harness.start({ freeBytes: 50_000_000 });
  const { failure } = await harness.fetch(harness.offer());
  const sentence = expect.stringMatching(/needs 67 MB.*grants this site 50 MB/);
  expect(failure).toMatchObject({ code: "storage-full", message: sentence });
  expect(harness.timesAsked()).toBe(0);
  expect((await harness.ask({ about: "list" })).models).toEqual([]);
});

for (const how of ["delete", "cut"] as const) {
  test(`a file that is gone or cut behind its back (${how}) makes the model damaged, and only it is fetched`, async ({
    harness,
  }) => {
    const offer = harness.offer();
    await harness.fetch(offer);
    await harness.ask({ about: "tamper", ending: LARGEST, how });
    const { failure } = await harness.ask({ about: "open", modelId: offer.plan.modelId });
    expect(failure).toMatchObject({ code: "model-corrupt", message: expect.stringContaining(LARGEST) });
    await harness.expectNotReady(offer);
    const { models } = await harness.ask({ about: "list" });
    expect(models).toMatchObject([{ state: "damaged", damagedPaths: [LARGEST] }]);
    const asked = harness.host.seen.length;
    await harness.fetch(offer);
    await harness.expectReady(offer);
    expect(harness.host.seen.slice(asked).map(({ path }) => path)).toEqual([`${harness.name}/${LARGEST}`]);
  });
}

test("verifying finds one flipped bit, names the file, and fetching repairs only that", async ({
  harness,
}) => {
  const offer = harness.offer();
  await harness.fetch(offer);
  const whole = await harness.ask({ about: "verify", modelId: offer.plan.modelId });
  expect(whole.models).toMatchObject([{ state: "ready", damagedPaths: [] }]);
  expect(whole.progress.at(-1)).toMatchObject({ stage: "verify", doneBytes: offer.plan.totalBytes });
  await harness.ask({ about: "tamper", ending: LARGEST, how: "flip" });
  const { models } = await harness.ask({ about: "verify", modelId: offer.plan.modelId });
  expect(models).toMatchObject([{ state: "damaged", damagedPaths: [LARGEST] }]);
  await harness.expectNotReady(offer);
  const asked = harness.host.seen.length;
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.host.seen.slice(asked).map(({ path }) => path)).toEqual([`${harness.name}/${LARGEST}`]);
});

test("removing leaves nothing, also in the middle of a fetch", async ({ harness }) => {
  const offer = harness.offer();
  const { modelId } = offer.plan;
  await harness.fetch(offer);
  await harness.ask({ about: "remove", modelId });
  expect((await harness.ask({ about: "list" })).models).toEqual([]);
  expect(await harness.filesOnDisk()).toEqual([]);
  const slow = harness.offer(() => ({ dripMs: 100 }));
  const fetching = harness.fetch(slow);
  await expect.poll(() => harness.timesAsked()).toBe(2);
  await harness.ask({ about: "remove", modelId });
  expect((await fetching).failure?.code).toBe("cancelled");
  expect((await harness.ask({ about: "list" })).models).toEqual([]);
  expect(await harness.filesOnDisk()).toEqual([]);
  await harness.ask({ about: "remove", modelId });
});

test("files of no model are swept away, and those of models are not", async ({ harness }) => {
  const offer = harness.offer();
  await harness.fetch(offer);
  await harness.plant("models/0123/unet/left-behind.safetensors");
  await harness.ask({ about: "list" });
  expect((await harness.filesOnDisk()).length).toBe(3);
  await harness.expectReady(offer);
});

test("a plan that names a file twice, or one outside of the model, is refused", async ({ harness }) => {
  const { plan } = harness.offer();
  const [first] = plan.files;
  if (first === undefined) throw new Error("wanted a file");
  for (const path of ["../up", "a/../../b", "/a", "a//b", "", ".", "a\\b", "a\u0000"]) {
    const hostile: Offer = { plan: { ...plan, files: [{ ...first, path }] }, digests: {} };
    expect((await harness.fetch(hostile)).failure?.code).toBe("bad-request");
  }
  const twice: Offer = { plan: { ...plan, files: [first, first] }, digests: {} };
  expect((await harness.fetch(twice)).failure?.code).toBe("bad-request");
  expect((await harness.ask({ about: "list" })).models).toEqual([]);
});

const DATA = "a".repeat(20_000);
const HEADER = JSON.stringify({ weight: { dtype: "U8", shape: [20_000], data_offsets: [0, 20_000] } });
/** Its length fits into one byte, and so all of the file is text. */
const SAFETENSORS = `${String.fromCharCode(HEADER.length)}${"\0".repeat(7)}${HEADER}${DATA}`;

test("chosen files come in through the same gate, and go out as they came", async ({ harness }) => {
  const files = [
    { path: SMALLEST, text: CONFIG.toString() },
    { path: LARGEST, text: SAFETENSORS },
  ];
  const digests = { [SMALLEST]: sha256(CONFIG), [LARGEST]: sha256(Buffer.from(SAFETENSORS)) };
  const { models, progress } = await harness.ask({
    about: "import",
    name: "My: model",
    files,
    pauseAt: null,
  });
  expect(models).toMatchObject([{ state: "ready", origin: null, name: "My: model" }]);
  expect(progress.at(-1)).toMatchObject({ stage: "copy" });
  const modelId = models?.[0]?.modelId ?? "";
  expect((await harness.ask({ about: "open", modelId })).digests).toEqual(digests);
  const again = await harness.ask({ about: "import", name: "My: model", files, pauseAt: null });
  expect(again.failure?.code).toBe("bad-request");
  const into = `${harness.name}-out`;
  await harness.ask({ about: "export", modelId, into });
  const out = await harness.ask({ about: "disk", under: into });
  const named = Object.entries(digests).map(([path, digest]) => [`My- model/${path}`, digest]);
  expect(out.digests).toEqual(Object.fromEntries(named));
  await harness.ask({ about: "tamper", ending: LARGEST, how: "flip" });
  expect((await harness.ask({ about: "export", modelId, into })).failure?.code).toBe("model-corrupt");
  const { models: left } = await harness.ask({ about: "list" });
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
  test(`importing ${what} is refused, and nothing of it stays`, async ({ harness }) => {
    const { failure } = await harness.ask({ about: "import", name: "Bad", files, pauseAt: null });
    expect(failure?.code).toBe(code);
    expect(await harness.filesOnDisk()).toEqual([]);
    expect((await harness.ask({ about: "list" })).models).toEqual([]);
  });
}

test("without in-place files everything works the same, by whole copies", async ({ harness }) => {
  await harness.start({ copies: true, chunkBytes: 512 });
  const offer = harness.offer(() => ({ dripMs: 60 }));
  expect((await harness.fetch(offer, 30_000)).failure?.code).toBe("cancelled");
  await harness.start({ copies: true, chunkBytes: 512 });
  await harness.fetch(offer);
  await harness.expectReady(offer);
  expect(harness.ranges()[1]).toMatch(/^bytes=[1-9]/);
});
