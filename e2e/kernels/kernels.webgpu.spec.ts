/** The GPU's latent device in a real browser: each kernel against the host's version, on whatever adapter there is. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type Page, test } from "@playwright/test";
import { build, type PreviewServer, preview } from "vite";
import type { Answer, Question } from "./page";

let outDir = "";
let server: PreviewServer | null = null;

test.beforeAll(async () => {
  const site = {
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL(".", import.meta.url)),
  } as const;
  outDir = await mkdtemp(join(tmpdir(), "kernels-"));
  await build({ ...site, worker: { format: "es" }, build: { outDir, emptyOutDir: true, target: "es2023" } });
  server = await preview({ ...site, build: { outDir }, preview: { port: 0, host: "127.0.0.1" } });
});

test.afterAll(async () => {
  await server?.close();
  await rm(outDir, { recursive: true, force: true });
});

async function ask(page: Page, question: Question): Promise<Answer> {
  await page.goto(server?.resolvedUrls?.local[0] ?? "");
  return page.evaluate((asked) => globalThis.askKernels(asked), question);
}

function expectWithin(limit: number, { numbers }: Answer, count: number): void {
  expect(Object.keys(numbers)).toHaveLength(count);
  for (const [name, difference] of Object.entries(numbers))
    expect(difference, name).toBeLessThanOrEqual(limit);
}

test("a sum of 1 to 8 latents, f32 and f16 mixed, at any offset, of any size, is the host's", async ({
  page,
}) => {
  expectWithin(5e-7, await ask(page, "sums"), 33);
});

test("one spread brought towards another is the host's", async ({ page }) => {
  expectWithin(2e-6, await ask(page, "spreads"), 27);
});

test("noise is the seed's, far into the tails, for any seed, draw and count", async ({ page }) => {
  // From 4 on, single precision itself has steps of 4.8e-7.
  expectWithin(6e-7, await ask(page, "noise"), 21);
});

test("what is written for a network is the same numbers, in its dtype, scaled and shifted by channel", async ({
  page,
}) => {
  const { numbers } = await ask(page, "writes");
  const errors = Object.entries(numbers);
  expect(errors).toHaveLength(72);
  for (const [name, error] of errors)
    expect(error, name).toBeLessThanOrEqual(/to float16/.test(name) ? 1.001 * 2 ** -11 : 1e-6);
});

test("planes become the bytes that the host makes of them; latents through a map, but for a rounding", async ({
  page,
}) => {
  const { numbers } = await ask(page, "pixels");
  expect(numbers).toEqual({
    "planes, f32": 0,
    "planes, f16": 0,
    "planes, of the host": 0,
    "planes, half-way": 0,
    "latents, f32": expect.closeTo(0, 0),
    "latents, f16": expect.closeTo(0, 0),
    "latents of 16 channels": expect.closeTo(0, 0),
  });
});

test("a number that is not finite is refused in the host's words, whatever it is and wherever it stands", async ({
  page,
}) => {
  const { words } = await ask(page, "brokenPixels");
  const { "wrong channels": wrong, ...broken } = words;
  expect(wrong).toBe("internal: Pixels want a tensor [1, 3, h, w], got [1, 4, 2, 2].");
  expect(Object.keys(broken)).toHaveLength(36);
  expect(new Set(Object.values(broken))).toEqual(new Set(["same"]));
});

test("pictures may be asked for all at once, and their latents released meanwhile", async ({ page }) => {
  expect((await ask(page, "picturesInFlight")).numbers).toEqual({ far: 0, bytesRead: 10 * 4 * 64 * 64 });
});

test("every sampler ends where it does on the host, and reads nothing back on its way", async ({ page }) => {
  const answer = await ask(page, "samplers");
  expectWithin(1e-4, answer, 36);
});

test("a latent that is gone, of other extents or of another scope is refused", async ({ page }) => {
  const gone =
    "internal: Wanted a tensor that is on this GPU, got one [1, 4, 6, 10] that was released or is kept elsewhere.";
  expect((await ask(page, "misuse")).words).toEqual({
    "released twice": gone,
    "used after its release": gone,
    "read after its release": gone,
    "shown after its release": gone,
    "of the host": gone,
    "of other extents": "internal: Latents here have the extents [1, 4, 6, 10], got one of [1, 4, 6, 11].",
    "of another scope": "internal: A latent of another drawing was released; each scope releases its own.",
    "of a closed scope": gone,
    "made in a closed scope": "internal: A drawing's latents were asked for after it was closed.",
    "of nothing": "internal: A sum of latents wants one or more terms, got none.",
    "a seed too many":
      "bad-request: A seed is a whole number from 0 to 18446744073709551615, got 18446744073709551616.",
    "a scale too many": "internal: Wanted a scale for each channel of [1, 4, 6, 10], got 7.",
    "a view, released": "no failure",
    "all in all": "no failure",
  });
});

test("a hundred drawings hold as much memory as two, and a latent device that is gone holds none", async ({
  page,
}) => {
  const { two, hundred, disposed } = (await ask(page, "memory")).numbers;
  expect(hundred).toBe(two);
  expect(disposed).toBe(0);
});

test("what lies idle is used again, and beyond 64 MiB given back", async ({ page }) => {
  const { taken, kept, ...again } = (await ask(page, "idleBuffers")).numbers;
  expect(taken).toBeGreaterThan(40 * 2 ** 22);
  expect(kept).toBeLessThanOrEqual(2 ** 26);
  expect(kept).toBeGreaterThan(15 * 2 ** 22);
  expect(again).toEqual({ again: 1, shared: 0 });
});

test("a lost device answers everything with device-lost, asked before or after", async ({ page }) => {
  const { words } = await ask(page, "loss");
  const {
    "giving back": givingBack,
    "on a latent device that was given back": disposed,
    "done meanwhile": done,
    ...answers
  } = words;
  // The work may have been done just before the device went.
  expect(done).toMatch(/^(device-lost: |no failure$)/);
  expect(disposed).toBe("internal: The GPU gave no answer; load the model again.");
  expect(givingBack).toBe("no failure");
  expect(Object.keys(answers)).toHaveLength(6);
  for (const [name, answer] of Object.entries(answers)) expect(answer, name).toMatch(/^device-lost: /);
});

test("what the GPU refuses comes out when it is waited for", async ({ page }) => {
  expect((await ask(page, "refusal")).words).toEqual({
    asked: "no failure",
    done: "internal: The GPU refuse",
  });
});

test("after a want of memory no buffer of before is used again", async ({ page }) => {
  const { numbers, words } = await ask(page, "wantOfMemory");
  expect(words).toEqual({
    done: "out-of-memory: The GPU refused: no memory for a buffer",
    recovered: "no failure",
    again: "no failure",
  });
  // The rest is a staging buffer, made after the want, of 4 · 6 · 10 numbers.
  expect(numbers).toEqual({ left: 960, sound: 0, soundAgain: 1 });
});
