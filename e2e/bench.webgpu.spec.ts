/** Rules [BG*]: the benchmark on a GPU, here one of software. */

import { expect } from "@playwright/test";
import { benchIn } from "../scripts/benchIn";
import { readBenchReport } from "../src/bench/report";
import type { BenchReport } from "../src/core/bench";
import { test } from "./app";

test("[BG1] nothing is read back between the first step and the last, and GPU memory does not grow", async ({
  app,
  page,
  site,
}) => {
  test.slow(); // shaders compile on the processor
  // A page of the site that opens no model of its own.
  await page.goto(`${app.url}icons/icon.svg`);
  const plan = { pictures: 1, manyPictures: 8, scalingMs: 0 };
  const report: BenchReport = readBenchReport(await benchIn(page, site.folder, { backend: "webgpu", plan }));
  expect(report).toMatchObject({ backend: "webgpu", gpu: { isSoftware: true }, readBackBytesPerStep: 0 });
  // Two predictions of [4, 8, 8] floats at each step.
  expect(report.naive?.readBackBytesPerStep).toBeGreaterThanOrEqual(2 * 4 * 8 * 8 * 4);
  expect(report.naive?.levelsApart).toBeLessThanOrEqual(2);
  const gpu = report.memory.courses.find(({ kind }) => kind === "gpu");
  expect(gpu?.fewBytes).toBeGreaterThan(0);
  expect(gpu?.manyBytes).toBe(gpu?.fewBytes);
  expect(gpu?.peakBytes).toBeGreaterThanOrEqual(gpu?.manyBytes ?? 0);
});
