/** The graphics device is lost for real: destroyed under the engine, or with the browser's whole GPU process. */

import { type Browser, expect } from "@playwright/test";
import { type App, test } from "./app";
import { runFirstInWorkers } from "./prelude";

const STEPS = 4;
const PROMPT = "a red cat";
const RECOVERING = /graphics device went away; starting again/;

/** Remembers the devices that are made. */
const REMEMBER_DEVICES = `
  self.devices = [];
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...wanted) {
    const device = await request.apply(this, wanted);
    self.devices.push(device);
    return device;
  };
`;

type WithDevices = typeof globalThis & { readonly devices: readonly GPUDevice[] };

const destroyDevice = (app: App) =>
  app.worker().evaluate(() => (globalThis as unknown as WithDevices).devices.at(-1)?.destroy());

async function crashGpuProcess(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  await session.send("Browser.crashGpuProcess");
  await session.detach();
}

async function untilDrawing(app: App): Promise<void> {
  await expect(app.status).toHaveText(new RegExp(`^Step [2-4] of ${STEPS}`), { timeout: 240_000 });
}

/** Shaders compile on the processor, anew for each device. */
const SLOW_MS = 600_000;

test("[D1] lost in the middle of a picture, it costs time, and the same picture comes; lost twice, the person is asked", async ({
  app,
  browser,
  page,
  site,
}) => {
  test.setTimeout(SLOW_MS);
  runFirstInWorkers(site, REMEMBER_DEVICES);
  await app.open({ backend: "webgpu", steps: STEPS, seed: "1" });
  await app.ready();
  const whole = await app.make(PROMPT);
  const before = await app.shown();

  await app.generate.click();
  await untilDrawing(app);
  await destroyDevice(app);
  await expect(app.status).toHaveText(RECOVERING);
  await expect.poll(() => app.shown(), { timeout: 240_000 }).not.toBe(before);
  expect((await app.png()).sha256).toBe(whole.sha256);
  await expect(app.failure).toHaveCount(0);

  await app.generate.click();
  await untilDrawing(app);
  await crashGpuProcess(browser);
  await expect(app.status).toHaveText(RECOVERING);
  await untilDrawing(app);
  await destroyDevice(app);
  await expect(app.failure).toContainText("The graphics device went away.");
  await expect(app.prompt).toHaveValue(PROMPT);
  const kept = await app.shown();
  await page.getByRole("button", { name: "Use the processor" }).click();
  await expect.poll(() => app.shown(), { timeout: 60_000 }).not.toBe(kept);
  await expect(app.failure).toHaveCount(0);
});
