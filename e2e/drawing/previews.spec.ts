import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { test } from "../support/app";

const FIXTURE = "src/runtime/__fixtures__/small";
const WIDE = "node_modules/.tmp/previews/wide";
const TINY = "node_modules/.tmp/previews/taesd";
/** So large that a decoded preview is told from a latent of a cell for every eight pixels. */
const SIDE_PX = 256;

test.beforeAll(() => {
  for (const folder of [WIDE, TINY]) rmSync(folder, { recursive: true, force: true });
  cpSync(FIXTURE, WIDE, { recursive: true, filter: (path) => !path.startsWith(`${FIXTURE}/graphs`) });
  const path = `${WIDE}/unet/config.json`;
  const config = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...config, sample_size: SIDE_PX / 8 }));
  cpSync(`${FIXTURE}/vae`, TINY, { recursive: true });
});

/** Notes how wide each preview is shown, from now on. */
async function watchPreviews(page: Page): Promise<void> {
  await page.evaluate(() => {
    const widths: number[] = [];
    Object.assign(window, { widths });
    new MutationObserver((records) => {
      for (const { target } of records) if (target instanceof HTMLCanvasElement) widths.push(target.width);
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-preview-step"] });
  });
}

const widthsOf = (page: Page) => page.evaluate(() => (window as unknown as { widths: number[] }).widths);

test("a tiny decoder that is kept makes the previews of the models that it fits detailed, and is not offered to draw with", async ({
  app,
  page,
}) => {
  test.slow();
  await app.open({ seed: "1" });
  await app.ready();
  const models = page.getByRole("banner").getByRole("link", { name: /models$/i });
  const folder = page.locator("input[webkitdirectory]");
  const use = page.getByRole("button", { name: "Use from disk", exact: true });
  const draw = async () => {
    await page.getByRole("link", { name: "Draw with it: wide" }).click();
    await app.slider("Steps").fill("6");
    await watchPreviews(page);
    expect((await app.make("a cat")).widthPx).toBe(SIDE_PX);
    return Math.max(...(await widthsOf(page)));
  };

  await models.click();
  await folder.setInputFiles(WIDE);
  await use.click();
  expect(await draw()).toBeLessThan(SIDE_PX);

  await models.click();
  await folder.setInputFiles(TINY);
  const chosen = page.getByRole("region", { name: "Chosen: taesd" });
  await chosen.getByRole("button", { name: "Keep a copy", exact: true }).click();
  const kept = page
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: "taesd", exact: true }) });
  await expect(kept).toContainText("Draws no pictures itself");
  await expect(page.getByRole("button", { name: "Use taesd", exact: true })).toHaveCount(0);
  await page.getByRole("button", { name: "Use Small", exact: true }).click();
  await expect(page.getByRole("link", { name: "Draw with it: Small" })).toBeVisible();
  await folder.setInputFiles(WIDE);
  await use.click();
  expect(await draw()).toBe(SIDE_PX);
});
