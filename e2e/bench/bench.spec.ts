/** The benchmark's page, on the CPU. */

import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { readBenchReport } from "../../src/bench/report";
import { site, test } from "../support/app";
import { expectAccessible } from "../support/axe";

const measure = (page: Page) => page.getByRole("button", { name: /^Measure/ });
const results = (page: Page) => page.getByRole("region", { name: "Results" });

test("a link away, it measures the model that draws, and says how far it is; its JSON is a report, saved or copied", async ({
  app,
  page,
}) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await app.open();
  await app.ready();
  await page.getByRole("link", { name: "How fast?" }).click();
  await expect(page).toHaveTitle("Benchmark · Afterimage");
  await expect(page.getByRole("heading", { level: 1, name: "Benchmark" })).toBeFocused();
  await expectAccessible(page, "benchmark, before");
  await measure(page).click();
  await expect(page.getByText(/^Part 2 of 4\. Pictures: [1-3] of 3$/)).toBeVisible();
  await expectAccessible(page, "benchmark, measuring");
  await expect(results(page)).toBeVisible({ timeout: 150_000 });
  await expect(results(page).getByRole("status").first()).toContainText(/^Measured\./);
  await expectAccessible(page, "benchmark, measured");

  const saving = page.waitForEvent("download");
  await results(page).getByRole("link", { name: "Save JSON" }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toMatch(/^afterimage-bench-wasm-\d{4}-[\d-]+\.json$/);
  const text = await readFile(await file.path(), "utf8");
  const report = readBenchReport(JSON.parse(text));
  expect(report).toMatchObject({
    model: "Small",
    backend: "wasm",
    gpu: null,
    engine: { build: "plain" },
    recipe: { steps: 4, widthPx: 64, heightPx: 64 },
    pictures: 3,
    readBackBytesPerStep: null,
    naive: { levelsApart: 0 },
  });
  expect(report.machine.userAgent).toMatch(/Chrome/);
  expect(report.memory.courses).toMatchObject([{ kind: "wasm" }]);
  expect(report.memory.courses[0]?.fewBytes).toBeGreaterThanOrEqual(2 ** 24);
  await page.getByRole("button", { name: "Copy JSON" }).click();
  await expect(page.getByText("Copied.")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);

  await page.getByRole("link", { name: "Back to the studio" }).click();
  await expect(page.getByRole("link", { name: "How fast?" })).toBeFocused();
  await app.make("a red cat");
});

test("it stops when it is told to, its worker is ended, and the model that draws has not noticed", async ({
  app,
  page,
}) => {
  await app.open({ seed: "1" });
  await app.ready();
  const before = await app.make("a red cat");
  const workers = page.workers().length;
  await page.goto(`${app.url}#bench`);
  await measure(page).click();
  await expect(page.getByText(/^Part [1-4] of 4/)).toBeVisible();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText("Stopped. Nothing was kept.")).toBeVisible();
  await expect.poll(() => page.workers().length).toBe(workers);
  await page.getByRole("link", { name: "Back to the studio" }).click();
  await app.make("a dog");
  expect((await app.make("a red cat")).sha256).toBe(before.sha256);
});

test.describe("at an address of its own", () => {
  test.use(site({ host: { withHeaders: true, base: "/studio/" } }));

  for (const name of ["bench", "bench.html"])
    test(`/${name} leads to it, without a network too`, async ({ app, page, site: host }) => {
      await app.open();
      await page.goto(app.url + name);
      await expect(page).toHaveURL(`${app.url}#bench`);
      await expect(measure(page)).toBeVisible();
      await page.evaluate(() => navigator.serviceWorker.ready);
      await host.stop();
      await page.context().setOffline(true);
      await page.goto(app.url + name);
      await expect(page).toHaveURL(`${app.url}#bench`);
      await expect(page.getByRole("heading", { level: 1, name: "Benchmark" })).toBeVisible();
    });
});
