import { expect } from "@playwright/test";
import { test } from "./app";

test("[LG1] live on WebGPU: a draft that says so, then the picture with all its steps, and a knob moves both", async ({
  app,
  page,
}) => {
  test.slow(); // shaders compile on the processor
  await app.open({ backend: "webgpu", isLive: true, steps: 6, seed: "1" });
  await app.ready();
  const draft = page.getByTestId("draft");
  await app.prompt.pressSequentially("a red cat", { delay: 150 });
  await expect(draft).toHaveAttribute("data-share", "1");
  await expect(app.status).toHaveText("Live draft, 3 of 6 steps, on the graphics device");
  expect((await app.png()).text).toMatch(/Steps: 6, .*Seed: 1,/);
  await expect(draft).toHaveCount(0);
  const before = await app.shown();
  await app.slider("Guidance").press("ArrowRight");
  await expect.poll(() => app.shown()).not.toBe(before);
  expect((await app.png()).text).toContain("CFG scale: 3.5, Seed: 1,");
});
