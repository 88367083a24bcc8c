import { expect } from "@playwright/test";
import { test } from "./app";

const STEPS = 3;

test("[U1] WebGPU makes a picture, and its preview changes at each step", async ({ app, page }) => {
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
  test.slow(); // shaders compile on the processor
  await app.open({ backend: "webgpu", steps: STEPS, seed: "1" });
  expect(await app.ready()).toMatch(/^Runs on: .*(swiftshader|\d\d-bit)/i);

  const picture = await app.make("a red cat");
  expect(picture).toMatchObject({ widthPx: 64, heightPx: 64 });
  expect(picture.colours).toBeGreaterThan(16);
  const seen = await page.evaluate(
    () => (globalThis as unknown as { seen: { step: string; looks: string }[] }).seen,
  );
  expect(seen.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => String(i + 1)));
  expect(new Set(seen.map(({ looks }) => looks)).size).toBe(STEPS);
});
