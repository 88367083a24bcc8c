/** The page as a person meets it, and a watch on what must never happen while one does. */

import { test as base, expect, type Locator, type Page, type Worker } from "@playwright/test";
import { Site, type SiteOptions } from "../../scripts/site";
import { SITE_FOLDER, SMALL_SITE_FOLDER } from "../../scripts/testSites";

/** Which model the site under test bundles, and how it is served. */
interface Options {
  readonly bundled: "tinyworld" | "small";
  readonly host: Pick<SiteOptions, "withHeaders" | "base">;
  /** Complaints that this very test provokes. */
  readonly expected: readonly RegExp[];
}

interface Fixtures {
  readonly site: Site;
  readonly app: App;
}

/** `site` is a host of its own, `app` a page that has not been opened yet; any complaint of the browser fails the test. */
export const test = base.extend<Fixtures & { options: Options }>({
  options: [{ bundled: "small", host: { withHeaders: true, base: "/" }, expected: [] }, { option: true }],
  site: async ({ options }, use) => {
    const folder = options.bundled === "small" ? SMALL_SITE_FOLDER : SITE_FOLDER;
    const site = await Site.start({ folder, ...options.host });
    await use(site);
    await site.stop();
  },
  app: async ({ page, site, options }, use) => {
    const complaints = watch(page);
    await use(new App(page, site.url));
    expect(
      complaints.filter((complaint) => !options.expected.some((known) => known.test(complaint))),
    ).toEqual([]);
  },
});

/** Everything that the browser complains of, and every request that would leave this machine. */
function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => complaints.push(`page: ${error.message}`));
  page.context().on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isLocal = hostname === "127.0.0.1" || protocol === "blob:" || protocol === "data:";
    if (!isLocal) complaints.push(`request: ${request.url()}`);
  });
  return complaints;
}

/** The settings to begin with; the page's own defaults for the rest. */
type Settings = Readonly<Record<string, string | number | boolean | null>>;

/** The controls by the names that a screen reader says. */
export class App {
  readonly prompt: Locator;
  readonly generate: Locator;
  readonly stop: Locator;
  readonly picture: Locator;
  readonly preview: Locator;
  readonly status: Locator;
  readonly failure: Locator;

  constructor(
    readonly page: Page,
    readonly url: string,
  ) {
    this.prompt = page.getByRole("textbox", { name: "Prompt", exact: true });
    this.generate = page.getByRole("button", { name: "Generate", exact: true });
    this.stop = page.getByRole("button", { name: "Stop", exact: true });
    this.picture = page.getByTestId("picture");
    this.preview = page.getByTestId("preview");
    this.status = page.getByTestId("status");
    this.failure = page.getByRole("alert");
  }

  /** The thread that computes, while it is the newest of the page. */
  worker(): Worker {
    const engine = this.page.workers().findLast((worker) => /\/assets\/main-[^/]*$/.test(worker.url()));
    if (engine === undefined) throw new Error("The page has no engine.");
    return engine;
  }

  slider(name: "Guidance" | "Steps"): Locator {
    return this.page.getByRole("slider", { name, exact: true });
  }

  /** Opens the page with settings as an earlier visit would have left them. */
  async open(settings: Settings = {}): Promise<void> {
    const saved = JSON.stringify({ version: 1, settings: { backend: "wasm", ...settings } });
    await this.page.addInitScript((text) => {
      if (localStorage.getItem("afterimage.settings") === null)
        localStorage.setItem("afterimage.settings", text);
    }, saved);
    await this.page.goto(this.url);
  }

  /** Until the model is loaded, and what it says it runs on. */
  async ready(): Promise<string> {
    const facts = this.page.getByText(/^Runs on: /);
    await expect(facts).toBeVisible();
    return (await facts.textContent()) ?? "";
  }

  /** Types a prompt, generates, and waits for a picture other than the one on show. */
  async make(prompt: string): Promise<PngPicture> {
    const before = await this.shown();
    await this.prompt.fill(prompt);
    await this.generate.click();
    await expect.poll(() => this.shown(), { timeout: 240_000 }).not.toBe(before);
    return this.png();
  }

  /** Address of the picture on show, or null. */
  async shown(): Promise<string | null> {
    return (await this.picture.count()) === 0 ? null : this.picture.getAttribute("src");
  }

  /** The file behind the picture on show, and what a browser makes of it. */
  async png(): Promise<PngPicture> {
    await expect(this.picture).toBeVisible();
    return this.picture.evaluate(async (image: HTMLImageElement) => {
      const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
      await image.decode();
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      const context = canvas.getContext("2d");
      context?.drawImage(image, 0, 0);
      const pixels = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return {
        sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
        widthPx: canvas.width,
        heightPx: canvas.height,
        colours: new Set(new Uint32Array(new Uint8ClampedArray(pixels).buffer)).size,
        text: new TextDecoder("latin1").decode(bytes.slice(0, 4096)),
      };
    });
  }
}

/** A PNG file as a browser decodes it. */
export interface PngPicture {
  readonly sha256: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** How many different colours it has. */
  readonly colours: number;
  /** The beginning of the file, where its text chunks lie; what is not ASCII may read otherwise. */
  readonly text: string;
}

/** The options of a test beside the usual ones: `test.use(site({ bundled: "tinyworld" }))`. */
export function site(changes: Partial<Options>): { options: Options } {
  return { options: { bundled: "small", host: { withHeaders: true, base: "/" }, expected: [], ...changes } };
}
