/** The runtime in a real browser, from a production build, against PyTorch: on the CPU and on WebGPU. */

import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type Page, test } from "@playwright/test";
import { build, type PreviewServer, preview } from "vite";
import type { Answer, Question } from "./page";

const FIXTURES = fileURLToPath(new URL("../../src/runtime/__fixtures__", import.meta.url));
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
/** float32 on both sides, sums in another order. */
const TOLERANCE = 1e-3;

let outDir = "";
const servers: PreviewServer[] = [];
const addresses = { isolated: "", shared: "" };

test.beforeAll(async () => {
  const site = {
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL(".", import.meta.url)),
    publicDir: FIXTURES,
    define: { FIXTURES: JSON.stringify(readdirSync(FIXTURES, { recursive: true })) },
  } as const;
  outDir = await mkdtemp(join(tmpdir(), "parity-"));
  // A production build: it is the bundler's chunks that threads of WebAssembly run again.
  await build({ ...site, worker: { format: "es" }, build: { outDir, emptyOutDir: true, target: "es2023" } });
  const serve = async (headers: Record<string, string>) => {
    const server = await preview({
      ...site,
      build: { outDir },
      preview: { port: 0, host: "127.0.0.1", headers },
    });
    servers.push(server);
    return server.resolvedUrls?.local[0] ?? "";
  };
  addresses.isolated = await serve(ISOLATION);
  addresses.shared = await serve({});
});

test.afterAll(async () => {
  for (const server of servers) await server.close();
  await rm(outDir, { recursive: true, force: true });
});

async function ask(
  page: Page,
  question: Question,
  site: keyof typeof addresses = "isolated",
): Promise<Answer> {
  await page.goto(addresses[site]);
  return askAgain(page, question);
}

/** On a page that was asked before. */
function askAgain(page: Page, question: Question): Promise<Answer> {
  return page.evaluate((asked) => globalThis.ask(asked), question);
}

function expectClose({ numbers }: Answer, count: number): void {
  expect(Object.keys(numbers)).toHaveLength(count);
  for (const [name, difference] of Object.entries(numbers)) expect(difference, name).toBeLessThan(TOLERANCE);
}

function wasmFetchedBy(page: Page): string[] {
  const names: string[] = [];
  page.on("request", (request) => {
    const [name] = /[^/]*\.wasm$/.exec(request.url()) ?? [];
    if (name !== undefined) names.push(name.replace(/-[\w-]{8}\.wasm$/, ""));
  });
  return names;
}

test("every network agrees with PyTorch on the CPU, with threads", async ({ page }) => {
  const fetched = wasmFetchedBy(page);
  const answer = await ask(page, { about: "deviation", backend: "wasm", browser: "newer" });
  expect(answer.words["backend"]).toMatch(/^processor, [2-4] threads$/);
  expect(answer.words["textsDiffer"]).toBe("true");
  expectClose(answer, 15);
  expect(fetched).toEqual(["ort-wasm-simd-threaded"]);
});

test("the same in an older browser, on one thread of a page that is not isolated", async ({ page }) => {
  const fetched = wasmFetchedBy(page);
  const answer = await ask(page, { about: "deviation", backend: "wasm", browser: "older" }, "shared");
  expect(answer.words["backend"]).toBe("processor, 1 thread");
  expectClose(answer, 15);
  expect(fetched).toEqual(["ort-wasm-simd-threaded"]);
});

/** On one page, whose worker keeps the GPU: the software one of a test machine takes its time to compile the shaders of a U-Net. */
test.describe("on WebGPU", () => {
  test.describe.configure({ timeout: 300_000 });
  let page: Page;
  let fetched: readonly string[] = [];

  test.beforeAll(async ({ browser }) => {
    page = await browser.newPage();
    fetched = wasmFetchedBy(page);
    await page.goto(addresses.isolated);
  });

  test.afterAll(() => page.close());

  test("the networks agree with PyTorch on WebGPU, and with the CPU", async () => {
    const answer = await askAgain(page, { about: "deviation", backend: "webgpu", browser: "newer" });
    expect(answer.words["textsDiffer"]).toBe("true");
    expectClose(answer, 8);
    expect(fetched).toEqual(["ort-wasm-simd-threaded.jspi"]);
  });

  test("a picture that never leaves the GPU is the CPU's, nothing else is read back on its way, and nothing stays", async () => {
    const { numbers } = await askAgain(page, { about: "pictures" });
    for (const [name, number] of Object.entries(numbers)) {
      const limit = name.endsWith("pixels") ? 1 : name.endsWith("latents") ? TOLERANCE : 0;
      expect(number, name).toBeLessThanOrEqual(limit);
    }
    expect(Object.keys(numbers)).toHaveLength(7);
  });

  test("folders of ready-made ONNX files answer on WebGPU as on the CPU, whatever their dialect", async () => {
    expectClose(await askAgain(page, { about: "folders" }), 7);
  });

  test("a decode in tiles, from latents on the GPU, is the picture that it is in one piece", async () => {
    const { numbers } = await askAgain(page, { about: "tiles" });
    expect(numbers).toMatchObject({ "passes for the whole": 1, "passes in tiles": 2 });
    expect(numbers["pixels"]).toBeLessThanOrEqual(1);
    expect(numbers["brightest number"]).toBeGreaterThan(200);
  });

  test("recorded kernels compute what plain ones do, with other numbers, in other buffers, and beside another size", async () => {
    const { numbers, words } = await askAgain(page, { about: "recording" });
    const differences = Object.entries(numbers).filter(([name]) => !name.endsWith("bind groups"));
    expect(differences).toHaveLength(7);
    for (const [name, difference] of differences) expect(difference, name).toBeLessThan(1e-5);
    // Opened once more after the second run, recorded in the third: from then on the host sends no kernel itself, but for the new size.
    for (const name of ["fourth run", "the first size again"])
      expect(numbers[`${name}, bind groups`], name).toBe(0);
    expect(numbers["another size, bind groups"]).toBeGreaterThan(0);
    expect(words).toEqual({ refused: "true", failed: "internal", afterDiffers: "true" });
  });
});

test("an older browser's build agrees with PyTorch on WebGPU", async ({ page }) => {
  const fetched = wasmFetchedBy(page);
  expectClose(await ask(page, { about: "older" }), 2);
  expect(fetched).toEqual(["ort-wasm-simd-threaded.asyncify"]);
});

test("a software GPU is left alone unless asked for, and the reason given", async ({ page }) => {
  const { words } = await ask(page, { about: "auto" });
  expect(words).toMatchObject({
    kind: "wasm",
    reason: "Only a software GPU was found; the processor is faster.",
  });
});

test("a lost device fails every use with device-lost, and a new device works", async ({ page }) => {
  const answer = await ask(page, { about: "loss" });
  const lost = "device-lost";
  expect(answer.words).toEqual({ running: lost, encode: lost, predict: lost, decode: lost });
  expectClose(answer, 1);
});

test("a network can be opened a hundred times, with threads", async ({ page }) => {
  expectClose(await ask(page, { about: "reopening", times: 100 }), 1);
});
