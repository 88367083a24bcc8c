/** Every test of the library starts with a site, a browser with a disk, a host, and a model to fetch. */

import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContext, test as base, chromium, expect, type Page } from "@playwright/test";
import { build, preview } from "vite";
import { BROWSER_ARGS, findBrowser } from "../../scripts/browser.mjs";
import { SITE_HEADERS } from "../../scripts/headers";
import type { FetchPlan, PlannedFile } from "../../src/protocol/library";
import { FaultyServer, type Quirks, type Seen } from "../support/faultyServer";
import type { WorkerName } from "./page";
import type { Answer, Question, WorkerSettings } from "./wire";

const DEFAULTS: Omit<WorkerSettings, "name"> = {
  chunkBytes: 8 * 1024,
  stallMs: 5000,
  triesMax: 4,
  haltAt: 0,
  fullAt: 0,
  freeBytes: null,
  copies: false,
};

/** Bytes without a pattern, always the same. */
export function someBytes(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A safetensors file of one tensor. */
export function safetensors(dataBytes: number, seed: number): Buffer {
  const header = { weight: { dtype: "U8", shape: [dataBytes], data_offsets: [0, dataBytes] } };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, someBytes(dataBytes, seed)]);
}

export const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

export const CONFIG = Buffer.from(JSON.stringify({ in_channels: 4, block_out_channels: [320, 640] }));
export const WEIGHTS = safetensors(60_000, 1);
export const SMALLER = safetensors(20_000, 2);

/** A model of three files on the host; quirks are those of its largest file, `unet/weights.safetensors`. */
export interface Offer {
  readonly plan: FetchPlan;
  /** SHA-256 by path, as a right copy has them. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Everything of one test. */
export class Harness {
  readonly #context: BrowserContext;
  readonly #site: string;
  readonly host: FaultyServer;
  readonly name: string;
  page: Page;

  constructor(context: BrowserContext, site: string, host: FaultyServer, name: string, page: Page) {
    this.#context = context;
    this.#site = site;
    this.host = host;
    this.name = name;
    this.page = page;
  }

  /** A model of three files. @param isPublished whether the plan knows the hashes. */
  offer(quirks: (time: number) => Quirks = () => ({}), isPublished = true): Offer {
    return this.#offerOf(
      { "unet/config.json": CONFIG, "unet/weights.safetensors": WEIGHTS, "vae/weights.safetensors": SMALLER },
      quirks,
      isPublished,
    );
  }

  /** One that is fetched in few steps, for tests that do so many times. */
  smallOffer(): Offer {
    return this.#offerOf(
      { "unet/config.json": CONFIG, "unet/weights.safetensors": SMALLER },
      () => ({}),
      true,
    );
  }

  #offerOf(
    files: Readonly<Record<string, Buffer>>,
    quirks: (time: number) => Quirks,
    isPublished: boolean,
  ): Offer {
    const planned = Object.entries(files).map(([path, body]): PlannedFile => {
      const at = `${this.name}/${path}`;
      const url =
        path === "unet/weights.safetensors" ? this.host.serve(at, body, quirks) : this.host.serve(at, body);
      return { path, url, sizeBytes: body.length, sha256: isPublished ? sha256(body) : null };
    });
    return {
      plan: {
        modelId: `https://hub.test/${this.name}@main`,
        name: this.name,
        origin: { kind: "hub", baseUrl: "https://hub.test", repository: this.name, revision: "main" },
        licence: "MIT",
        files: planned,
        totalBytes: planned.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        keptBytes: 0,
      },
      digests: Object.fromEntries(Object.entries(files).map(([path, body]) => [path, sha256(body)])),
    };
  }

  /** Requests for the model's largest file, oldest first. */
  seen(): readonly Seen[] {
    return this.host.seen.filter(({ path }) => path === `${this.name}/unet/weights.safetensors`);
  }

  timesAsked(): number {
    return this.seen().length;
  }

  /** The ranges it was asked for. */
  ranges(): readonly (string | null)[] {
    return this.seen().map(({ range }) => range);
  }

  async start(
    changes: Partial<WorkerSettings> = {},
    worker: WorkerName = "first",
    page = this.page,
  ): Promise<void> {
    const settings = { ...DEFAULTS, name: this.name, ...changes };
    await page.evaluate(([name, made]) => globalThis.startWorker(name, made), [worker, settings] as const);
  }

  /** Null if the worker was killed or ended. */
  tryAsk(question: Question, worker: WorkerName = "first", page = this.page): Promise<Answer | null> {
    return page.evaluate(([name, asked]) => globalThis.askWorker(name, asked), [worker, question] as const);
  }

  async ask(question: Question, worker: WorkerName = "first", page = this.page): Promise<Answer> {
    const answer = await this.tryAsk(question, worker, page);
    if (answer === null) throw new Error("the worker was killed");
    return answer;
  }

  end(worker: WorkerName = "first", page = this.page): Promise<void> {
    return page.evaluate((name) => globalThis.endWorker(name), worker);
  }

  fetch(
    { plan }: Offer,
    pauseAt: number | null = null,
    worker: WorkerName = "first",
    page = this.page,
  ): Promise<Answer> {
    return this.ask({ about: "fetch", plan, pauseAt }, worker, page);
  }

  /** The contents of the library's folder, whoever put them there. */
  async filesOnDisk(): Promise<readonly string[]> {
    return Object.keys((await this.ask({ about: "disk", under: this.name })).digests ?? {});
  }

  /** Puts a file there behind the library's back. */
  plant(path: string): Promise<void> {
    return this.page.evaluate(
      async ([folder, names]) => {
        let at = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
        for (const name of names.slice(0, -1)) at = await at.getDirectoryHandle(name, { create: true });
        const stream = await (await at.getFileHandle(names.at(-1) ?? "", { create: true })).createWritable();
        await stream.write("left behind");
        await stream.close();
      },
      [this.name, path.split("/")] as const,
    );
  }

  /** Lowers the quota of the whole site, or restores it. */
  async overrideQuota(): Promise<{ leave(bytes: number): Promise<void>; lift(): Promise<void> }> {
    const session = await this.#context.newCDPSession(this.page);
    const { origin } = new URL(this.#site);
    return {
      leave: async (bytes) => {
        const used = await this.page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
        await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: used + bytes });
      },
      lift: async () => void (await session.send("Storage.overrideQuotaForOrigin", { origin })),
    };
  }

  async newPage(): Promise<Page> {
    const page = await this.#context.newPage();
    await page.goto(this.#site);
    return page;
  }

  /** The library says "ready", and every byte is right; the library's own word is not taken for it. */
  async expectReady({ plan, digests }: Offer, worker: WorkerName = "first"): Promise<void> {
    const { models } = await this.ask({ about: "list" }, worker);
    expect(models).toMatchObject([{ state: "ready", keptBytes: plan.totalBytes, damagedPaths: [] }]);
    expect((await this.ask({ about: "open", modelId: plan.modelId }, worker)).digests).toEqual(digests);
  }

  /** The library does not say "ready", and gives no file of it. */
  async expectNotReady({ plan }: Offer, worker: WorkerName = "first"): Promise<void> {
    const { models } = await this.ask({ about: "list" }, worker);
    for (const { state } of models ?? []) expect(state).not.toBe("ready");
    const { failure } = await this.ask({ about: "open", modelId: plan.modelId }, worker);
    expect(["model-missing", "model-corrupt"]).toContain(failure?.code);
  }
}

async function serveSite(): Promise<{ url: string; stop(): Promise<void> }> {
  const root = fileURLToPath(new URL(".", import.meta.url));
  const outDir = await mkdtemp(join(tmpdir(), "downloads-"));
  const site = { configFile: false, logLevel: "error", root, publicDir: false } as const;
  await build({ ...site, worker: { format: "es" }, build: { outDir, emptyOutDir: true, target: "es2023" } });
  const headers = { ...SITE_HEADERS };
  const server = await preview({
    ...site,
    build: { outDir },
    preview: { port: 0, host: "127.0.0.1", headers },
  });
  const stop = async () => {
    await server.close();
    await rm(outDir, { recursive: true, force: true });
  };
  return { url: server.resolvedUrls?.local[0] ?? "", stop };
}

let tests = 0;

/** A test with a bench; site, browser and host are those of all tests, storage is the test's own. */
export const test = base.extend<
  { harness: Harness },
  { site: string; disk: BrowserContext; faulty: FaultyServer }
>({
  site: [
    async ({ browserName: _ }, use) => {
      const site = await serveSite();
      await use(site.url);
      await site.stop();
    },
    { scope: "worker" },
  ],
  // A profile on disk: a private window's storage is memory.
  disk: [
    async ({ browserName: _ }, use) => {
      const folder = await mkdtemp(join(tmpdir(), "profile-"));
      const browser = findBrowser();
      const context = await chromium.launchPersistentContext(folder, {
        args: [...BROWSER_ARGS],
        ...(browser === null ? {} : { executablePath: browser }),
      });
      await use(context);
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
  faulty: [
    async ({ browserName: _ }, use) => {
      const host = new FaultyServer();
      await host.start();
      await use(host);
      await host.stop();
    },
    { scope: "worker" },
  ],
  harness: async ({ site, disk, faulty }, use) => {
    const [page = await disk.newPage(), ...others] = disk.pages();
    for (const other of others) await other.close();
    if (page.url() !== site) await page.goto(site);
    const harness = new Harness(disk, site, faulty, `model${++tests}`, page);
    await harness.start();
    await use(harness);
    if (!page.isClosed()) await harness.end();
  },
});
