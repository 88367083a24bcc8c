/** The app on WebGPU, here on a software adapter. */

import { expect, type Page } from "@playwright/test";
import { test } from "../support/app";
import { enginesIn } from "../support/ortBuilds";
import { runOn } from "../support/runOn";

const STEPS = 3;

interface Seen {
  readonly step: string;
  readonly looks: string;
}

/** Every preview that is drawn on the page, from now on. */
async function watchPreviews(page: Page): Promise<() => Promise<readonly Seen[]>> {
  await page.addInitScript(() => {
    const seen: { step: string; looks: string }[] = [];
    Object.assign(globalThis, { seen });
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        if (!(target instanceof HTMLCanvasElement)) continue;
        seen.push({ step: target.dataset["previewStep"] ?? "", looks: target.toDataURL() });
      }
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-preview-step"] });
  });
  return () => page.evaluate(() => (globalThis as unknown as { seen: readonly Seen[] }).seen);
}

test("who goes over to WebGPU gets its engine in the same visit and a preview at each step; going back fetches nothing", async ({
  app,
  page,
  site,
}) => {
  const previews = await watchPreviews(page);
  test.slow(); // shaders compile on the CPU
  await app.open({ backend: "wasm", steps: STEPS, seed: "1" });
  expect(await app.ready()).toContain("processor");
  await runOn(page, "WebGPU");
  await expect(app.status).toHaveText(/^Ready\. Runs on: .*(swiftshader|\d\d-bit)/i);
  const picture = await app.make("a red cat");
  expect(picture).toMatchObject({ widthPx: 64, heightPx: 64 });
  expect(picture.colours).toBeGreaterThan(16);
  const seen = await previews();
  expect(seen.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => String(i + 1)));
  expect(new Set(seen.map(({ looks }) => looks)).size).toBe(STEPS);

  expect(enginesIn(site.requested)).toEqual(["plain", "jspi"]);
  const asked = site.requested.length;
  await site.stop();
  await page.context().setOffline(true);
  await runOn(page, "Processor");
  await expect(page.getByText(/^Runs on: processor/)).toBeVisible();
  await app.make("a dog");
  expect(site.requested.slice(asked).filter((name) => name.endsWith(".wasm"))).toEqual([]);
});
