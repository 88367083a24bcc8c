/**
 * How long a model of real size takes to open in a browser, and how much memory: `npm run fullwidth -- --families vega,sdxl,sd1`
 * takes each network of the first family that has it. Its weights are random, in f16, and made for the occasion from the graphs' own
 * names and shapes. Linux only: memory is read from /proc.
 */

import { randomFillSync } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "@playwright/test";
import { build, preview } from "vite";
import { parametersOf } from "../../src/checkpoint/graph/binding";
import { BROWSER_ARGS, findBrowser } from "../browser.mjs";
import { memoryBelow } from "../processMemory";
import type { Mark, Task } from "./page";

const FOLDERS: Readonly<Record<string, string>> = {
  text_encoder: "text_encoder/model.fp16.safetensors",
  text_encoder_2: "text_encoder_2/model.fp16.safetensors",
  unet: "unet/diffusion_pytorch_model.fp16.safetensors",
  vae_decoder: "vae/diffusion_pytorch_model.fp16.safetensors",
};
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const SAMPLE_MS = 250;
const BLOCK_BYTES = 2 ** 24;

/** Random halves of magnitudes about 0.02: every number is finite, and a thousand of them add up to about one. */
function randomBlock(): Uint16Array {
  return randomFillSync(new Uint16Array(BLOCK_BYTES / 2)).map((bits) => (bits & 0x83ff) | 0x2400);
}

/** Writes a safetensors file of random halves under these names. @returns its bytes. */
function writeRandom(path: string, shapes: ReadonlyMap<string, readonly number[]>): number {
  let end = 0;
  const header = [...shapes].map(([name, shape]) => {
    const begin = end;
    end += 2 * shape.reduce((a, b) => a * b, 1);
    return [name, { dtype: "F16", shape, data_offsets: [begin, end] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const block = Buffer.from(randomBlock().buffer);
  const file = openSync(path, "w");
  writeSync(file, Buffer.concat([length, text]));
  for (let at = 0; at < end; at += BLOCK_BYTES) writeSync(file, block, 0, Math.min(BLOCK_BYTES, end - at));
  closeSync(file);
  return end;
}

/** A diffusers folder of random weights in one flat folder: paths in the model by file name. */
function writeModel(graphs: string, families: readonly string[], folder: string): Record<string, string> {
  const paths: Record<string, string> = {};
  for (const [network, path] of Object.entries(FOLDERS)) {
    const { family, entry } = firstWith(network, graphs, families);
    if (!entry) continue;
    const graph = readFileSync(join(graphs, family, entry.graphs.f32));
    const name = path.replaceAll("/", ".");
    const bytes = writeRandom(join(folder, name), parametersOf(network, graph));
    const config = {
      ...entry.config,
      scaling_factor: 1,
      force_upcast: entry.graphs.f16 === entry.graphs.f32,
    };
    const configPath = path.replace(/[^/]*$/, "config.json");
    writeFileSync(join(folder, configPath.replaceAll("/", ".")), JSON.stringify(config));
    Object.assign(paths, { [name]: path, [configPath.replaceAll("/", ".")]: configPath });
    console.error(`${path}: ${(bytes / 1e9).toFixed(2)} GB`);
  }
  return paths;
}

/** The first family that has a graph for a network. */
function firstWith(network: string, graphs: string, families: readonly string[]) {
  for (const family of families) {
    const { networks } = JSON.parse(readFileSync(join(graphs, family, "family.json"), "utf8"));
    if (networks[network]) return { family, entry: networks[network] };
  }
  return { family: "", entry: null };
}

/** Watches until the worker is done. */
async function watch(page: Page, browser: number) {
  const peaks: { phase: string; totalMB: number; byKind: Record<string, number> }[] = [];
  for (;;) {
    const { marks, outcome } = await page.evaluate(() => ({
      marks: globalThis.marks,
      outcome: globalThis.outcome,
    }));
    const phase = marks.at(-1)?.name ?? "copying files";
    const memory = memoryBelow(browser);
    const byKind = Object.fromEntries(Object.entries(memory).map(([kind, mb]) => [kind, Math.round(mb)]));
    const totalMB = Object.values(byKind).reduce((a, b) => a + b, 0);
    const known = peaks.find((peak) => peak.phase === phase);
    if (!known) peaks.push({ phase, totalMB, byKind });
    else if (totalMB > known.totalMB) Object.assign(known, { totalMB, byKind });
    if (outcome !== null) return { outcome, marks: marks.map(rounded), peaks };
    await page.waitForTimeout(SAMPLE_MS);
  }
}

function rounded({ name, ms, gpuMB, gpuPeakMB }: Mark) {
  return {
    name,
    seconds: Math.round(ms / 100) / 10,
    gpuMB: Math.round(gpuMB),
    gpuPeakMB: Math.round(gpuPeakMB),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      families: { type: "string", default: "sd1" },
      graphs: { type: "string", default: "models/graphs" },
      backend: { type: "string", default: "wasm" },
      from: { type: "string", default: "kept" },
      older: { type: "boolean", default: false },
      latents: { type: "string", default: "8" },
      budget: { type: "string" },
    },
  });
  const graphs = resolve(values.graphs);
  const families = values.families.split(",");
  const scratch = mkdtempSync(join(tmpdir(), "full-width-"));
  const folders = { model: join(scratch, "model"), site: join(scratch, "site") };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  try {
    const model = writeModel(graphs, families, folders.model);
    const site = {
      configFile: false,
      logLevel: "error",
      root: "scripts/fullWidth",
      publicDir: graphs,
      define: {
        MODEL: JSON.stringify(model),
        GRAPHS: JSON.stringify(readdirSync(graphs, { recursive: true })),
      },
      worker: { format: "es" },
      build: { outDir: folders.site, emptyOutDir: true, target: "es2023" },
    } as const;
    await build(site);
    const server = await preview({ ...site, preview: { port: 0, host: "127.0.0.1", headers: ISOLATION } });
    const task: Task = {
      families,
      backend: values.backend === "webgpu" ? "webgpu" : "wasm",
      isOlder: values.older,
      from: values.from === "chosen" ? "chosen" : "kept",
      latents: Number(values.latents),
      budgetBytes: values.budget === undefined ? null : Number(values.budget) * 1e9,
    };
    const report = await measured(
      task,
      server.resolvedUrls?.local[0] ?? "",
      join(scratch, "profile"),
      folders.model,
    );
    console.log(JSON.stringify({ task, ...report }, null, 2));
    await server.close();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measured(task: Task, url: string, profile: string, model: string) {
  const context = await chromium.launchPersistentContext(profile, {
    args: [...BROWSER_ARGS, "--enable-unsafe-webgpu"],
    executablePath: findBrowser() ?? "",
  });
  try {
    const [page = await context.newPage()] = context.pages();
    await page.goto(url);
    await page.setInputFiles(
      "input",
      readdirSync(model).map((name) => join(model, name)),
    );
    await page.evaluate((asked) => globalThis.start(asked), task);
    return await watch(page, process.pid);
  } finally {
    await context.close();
  }
}

await main();
