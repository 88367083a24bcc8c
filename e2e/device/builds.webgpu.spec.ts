/** The engine that is fetched for a GPU, and what becomes of a change of mind without a network. */

import { expect } from "@playwright/test";
import { site as siteOf, test } from "../support/app";
import { expectEngineKept } from "../support/ortBuilds";
import { runFirstInWorkers } from "../support/prelude";
import { runOn } from "../support/runOn";

/** The software adapter passes for a real one, which "Automatic" would take. */
const REAL_ADAPTER =
  'Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { get: () => false })';

test.describe("without a network, and without the engine for GPUs", () => {
  // A file that is not kept is asked for in vain, and the browser says so.
  test.use(siteOf({ expected: [/Failed to load resource|ERR_INTERNET_DISCONNECTED/] }));

  test("WebGPU by name is refused with a way out, and Automatic draws on the CPU", async ({
    app,
    page,
    site,
  }) => {
    runFirstInWorkers(site, REAL_ADAPTER);
    await app.open({ seed: "1" });
    await app.ready();
    const online = await app.make("a red cat");
    expect(await expectEngineKept(page)).toEqual(["plain"]);
    await site.stop();
    await page.context().setOffline(true);
    await page.reload();
    await app.ready();
    await runOn(page, "WebGPU");
    await expect(app.failure).toContainText("The engine for GPUs is not on this device");
    await page.getByRole("button", { name: "Use the processor" }).click();
    await app.ready();
    expect((await app.make("a red cat")).sha256).toBe(online.sha256);
    await runOn(page, "Automatic");
    await expect(page.getByText(/^Runs on: processor.* could not be fetched\./)).toBeVisible();
    const before = await app.shown();
    await app.generate.click();
    await expect.poll(() => app.shown()).not.toBe(before);
    expect((await app.png()).sha256).toBe(online.sha256);
  });
});
