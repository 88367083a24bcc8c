/** The graphics device is lost for real. What becomes of a second loss, or of one while a model loads, is in src/app/recovery.test.ts. */

import { type Browser, expect } from "@playwright/test";
import { type App, test } from "../support/app";

const STEPS = 4;
const PROMPT = "a red cat";
const RECOVERING = /graphics device went away; starting again/;

async function crashGpuProcess(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  await session.send("Browser.crashGpuProcess");
  await session.detach();
}

async function untilDrawing(app: App): Promise<void> {
  await expect(app.status).toHaveText(new RegExp(`^Step [2-4] of ${STEPS}`), { timeout: 240_000 });
}

/** Shaders compile on the CPU, anew for each device. */
const SLOW_MS = 600_000;

test("lost in the middle of a picture, with the browser's whole GPU process, it costs time, and the same picture comes", async ({
  app,
  browser,
}) => {
  test.setTimeout(SLOW_MS);
  await app.open({ backend: "webgpu", steps: STEPS, seed: "1" });
  await app.ready();
  const whole = await app.make(PROMPT);
  const before = await app.shown();
  await app.generate.click();
  await untilDrawing(app);
  await crashGpuProcess(browser);
  await expect(app.status).toHaveText(RECOVERING);
  await expect.poll(() => app.shown(), { timeout: 240_000 }).not.toBe(before);
  expect((await app.png()).sha256).toBe(whole.sha256);
  await expect(app.failure).toHaveCount(0);
});
