/** The parts of `npm run bench` that run in a browser: Chromium, the built site's own worker, and nothing beside it. */

import { type Browser, chromium } from "@playwright/test";
import { readBenchReport } from "../src/bench/report";
import type { BenchPlan, BenchReport, BenchSwitches } from "../src/protocol/bench";
import { benchIn } from "./benchIn";
import { BROWSER_ARGS, findBrowser } from "./browser.mjs";
import { memoryBelow } from "./processMemory";
import { Site } from "./site";

/** The measurement, and the site that it runs in. */
export interface BrowserTask {
  /** Folder of the build. */
  readonly folder: string;
  readonly backend: "wasm" | "webgpu";
  /** Whether to look for a real GPU, which headless Chromium must be told to use. */
  readonly isRealGpu: boolean;
  readonly plan: BenchPlan;
  readonly switches?: BenchSwitches;
}

/** A report, and what the browser's processes held together at most, in megabytes; null where that cannot be seen. */
export interface BrowserRun {
  readonly report: BenchReport;
  readonly peakMB: number | null;
}

/** As Chromium's own guide to headless GPUs has them (developer.chrome.com, "Supercharge web AI model testing"). */
const REAL_GPU_ARGS = [
  "--use-angle=vulkan",
  "--enable-features=Vulkan",
  "--disable-vulkan-surface",
  "--ignore-gpu-blocklist",
];
const SAMPLE_MS = 1000;
/** Something of the site to look at that starts nothing. */
const QUIET_PAGE = "icons/icon.svg";

/** @param tell takes a sentence at every step of the way. */
export async function measureInBrowser(
  task: BrowserTask,
  tell: (sentence: string) => void,
): Promise<BrowserRun> {
  const site = await Site.start({ folder: task.folder, withHeaders: true, base: "/" });
  const browser = await launch(task.isRealGpu);
  const watch = watchMemory();
  try {
    const page = await browser.newPage();
    await page.goto(site.url + QUIET_PAGE);
    const { backend, plan, switches = {} } = task;
    const report = await benchIn(page, task.folder, { backend, plan, switches }, ({ part, done, total }) =>
      tell(`${backend}, ${part}: ${done} of ${total}`),
    );
    return { report: readBenchReport(report), peakMB: watch.peakMB() };
  } finally {
    watch.end();
    await browser.close();
    await site.stop();
  }
}

/** True if headless Chromium finds a GPU here that is not computed by the CPU. */
export async function hasRealGpu(folder: string): Promise<boolean> {
  const site = await Site.start({ folder, withHeaders: true, base: "/" });
  try {
    const browser = await launch(true);
    try {
      const page = await browser.newPage();
      await page.goto(site.url + QUIET_PAGE);
      return await page.evaluate(async () => {
        const adapter = await navigator.gpu?.requestAdapter();
        return adapter ? !adapter.info.isFallbackAdapter : false;
      });
    } finally {
      await browser.close();
    }
  } catch {
    // Where there is none, Chromium may end over being told to use it.
    return false;
  } finally {
    await site.stop();
  }
}

function launch(isRealGpu: boolean): Promise<Browser> {
  const executablePath = findBrowser();
  return chromium.launch({
    args: [...BROWSER_ARGS, "--enable-unsafe-webgpu", ...(isRealGpu ? REAL_GPU_ARGS : [])],
    ...(executablePath !== null && { executablePath }),
  });
}

function watchMemory() {
  let peak: number | null = null;
  const look = () => {
    const now = Object.values(memoryBelow(process.pid)).reduce((total, mb) => total + mb, 0);
    peak = Math.max(peak ?? 0, Math.round(now));
  };
  const timer = process.platform === "linux" ? setInterval(look, SAMPLE_MS) : null;
  return { peakMB: () => peak, end: () => timer && clearInterval(timer) };
}
