/**
 * Pictures of the app, made in the app by the bundled model: `npm run screenshots`. Thumbnails of the model's examples go to
 * public/examples, what an app store shows to public/screenshots. Run it when model or page change.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { type Browser, chromium, type Page } from "@playwright/test";
import { BROWSER_ARGS, findBrowser } from "./browser.mjs";
import { ensureSite } from "./setup.mjs";
import { Site } from "./site";

const EXAMPLES = "public/examples";
const SCREENSHOTS = "public/screenshots";
const MAKING_MS = 300_000;
/** Thumbnails are 48 px wide on the page, and screens have up to three dots to a pixel. */
const THUMBNAIL_PX = 144;

/** Which of the examples is on stage in the screenshots, counted from 0. */
const SHOWN = 1;
const SHOTS = [
  { name: "wide", width: 1280, height: 800, scale: 1, theme: "light" },
  { name: "narrow", width: 375, height: 667, scale: 2, theme: "dark" },
] as const;

type Shot = (typeof SHOTS)[number];

async function open(
  browser: Browser,
  url: string,
  { width, height, scale, theme }: Omit<Shot, "name">,
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    colorScheme: theme,
    serviceWorkers: "block",
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator("button.example:enabled").first().waitFor({ timeout: MAKING_MS });
  return page;
}

/** Presses an example and waits for its picture. */
async function makeExample(page: Page, index: number): Promise<void> {
  const picture = page.getByTestId("picture");
  const before = (await picture.count()) === 0 ? null : await picture.getAttribute("src");
  await page.locator("button.example").nth(index).click();
  const isOther = (old: string | null) =>
    ![null, old].includes(document.querySelector("[data-testid=picture]")?.getAttribute("src") ?? null);
  await page.waitForFunction(isOther, before, { timeout: MAKING_MS });
}

/** Runs in the page: the bytes of a small WebP of a picture. */
async function thumbnail(image: HTMLElement, sidePx: number): Promise<number[]> {
  if (!(image instanceof HTMLImageElement)) throw new Error("The picture is no image.");
  const canvas = new OffscreenCanvas(sidePx, sidePx);
  const small = await createImageBitmap(image, {
    resizeWidth: sidePx,
    resizeHeight: sidePx,
    resizeQuality: "high",
  });
  canvas.getContext("2d")?.drawImage(small, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.9 });
  return [...new Uint8Array(await blob.arrayBuffer())];
}

async function saveThumbnails(page: Page): Promise<void> {
  const count = await page.locator("button.example").count();
  for (let index = 0; index < count; index++) {
    await makeExample(page, index);
    const picture = page.getByTestId("picture");
    writeFileSync(
      `${EXAMPLES}/${index + 1}.webp`,
      Buffer.from(await picture.evaluate(thumbnail, THUMBNAIL_PX)),
    );
  }
}

for (const folder of [EXAMPLES, SCREENSHOTS]) mkdirSync(folder, { recursive: true });
if (!ensureSite()) throw new Error("The site could not be built: what stands above says why.");
const site = await Site.start({ folder: "dist", withHeaders: true, base: "/" });
const executablePath = findBrowser();
const browser = await chromium.launch({
  ...(executablePath === null ? {} : { executablePath }),
  args: [...BROWSER_ARGS],
});
const maker = await open(browser, site.url, { width: 1280, height: 800, scale: 1, theme: "light" });
await saveThumbnails(maker);
await maker.context().close();
// The screenshots show the thumbnails that were just made.
if (!ensureSite()) throw new Error("The site could not be built again: what stands above says why.");
for (const shot of SHOTS) {
  const page = await open(browser, site.url, shot);
  await makeExample(page, SHOWN);
  await page.getByText("Ready to work offline.").waitFor({ state: "hidden" });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${SCREENSHOTS}/${shot.name}.png` });
  await page.context().close();
}
await browser.close();
await site.stop();
