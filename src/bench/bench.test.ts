/** The whole benchmark of a small model, on a clock that counts nothing but runs of networks. */

import { afterEach, expect, it, vi } from "vitest";
import type { BenchProgress, BenchReport } from "../protocol/bench";
import { budgetsOf } from "../protocol/benchBudgets";
import { bench } from "./bench";
import { readBenchReport } from "./report";
import type { MemoryGauge } from "./subject";
import { openSmall, quiet, runClock } from "./testing";

afterEach(() => vi.restoreAllMocks());

/** Memory that grows by so much whenever it is looked at. */
function growing(bytes: number): MemoryGauge {
  let held = 1000;
  return { kind: "process", bytes: async () => (held += bytes), peakBytes: () => held };
}

async function measured(
  gauge = growing(0),
  scalingMs = 0,
): Promise<{ report: BenchReport; told: BenchProgress[] }> {
  const told: BenchProgress[] = [];
  const surroundings = {
    ...quiet(runClock()),
    gauges: [gauge],
    report: (progress: BenchProgress) => void told.push(progress),
  };
  const plan = { pictures: 2, manyPictures: 6, scalingMs };
  return { report: await bench(openSmall, plan, surroundings), told };
}

it("reports medians, ratios, first pictures and memory, as the schema has them", {
  timeout: 240_000,
}, async () => {
  // On this clock a point of the table takes seconds, and there is time for some.
  const { report, told } = await measured(growing(0), 160_000);
  expect(readBenchReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
  expect(report).toMatchObject({
    backend: "wasm",
    gpu: null,
    engine: { build: "plain" },
    machine: { threads: 2, cpu: "a chip" },
    recipe: { sampler: "ddim", steps: 3, widthPx: 48, heightPx: 32 },
    firstPictureMs: { cold: 7000, warm: 7000 },
    openMs: { cold: 0, warm: 0 },
    pictures: 2,
    medianMs: { encode: 1000, predict: 1000, decode: 1000, match: 1000, host: 0, picture: 6000 },
    totalOverBareCalls: 1,
    readBackBytesPerStep: null,
    // Two texts, three steps and decoding, against one text that is new.
    naive: { pictureMs: 6000, overOurs: 1.2, levelsApart: 0 },
    memory: {
      fewPictures: 5,
      manyPictures: 6,
      courses: [{ kind: "process", fewBytes: 1000, manyBytes: 1000 }],
    },
  });
  expect(told.filter(({ done, total }) => done === total).map(({ part }) => part)).toEqual([
    "pictures",
    "memory",
    "scaling",
  ]);
  const points = report.scaling.map(({ measured }) => measured);
  const known = points.filter((point) => point !== null);
  expect(known.length).toBeGreaterThan(2);
  expect(known.length).toBeLessThan(points.length);
  expect(new Set(known.map(({ totalOverBareCalls }) => totalOverBareCalls))).toEqual(new Set([1]));
  expect(budgetsOf(report).every(({ isMet }) => isMet)).toBe(true);
});

it("memory that grows with pictures breaks its budget", { timeout: 120_000 }, async () => {
  const { report } = await measured(growing(200));
  const broken = budgetsOf(report).filter(({ isMet }) => !isMet);
  expect(broken).toMatchObject([{ name: "Process memory after 6 pictures over that after 5", got: "1.167" }]);
});

it("stops between two steps when it is told to, and gives everything back", async () => {
  const opened = await openSmall();
  const dispose = vi.spyOn(opened.networks, "dispose");
  let asked = 0;
  const surroundings = { ...quiet({ now: () => 0 }), isCancelled: async () => ++asked > 4 };
  const plan = { pictures: 1, manyPictures: 6, scalingMs: 0 };
  await expect(bench(async () => opened, plan, surroundings)).rejects.toMatchObject({ code: "cancelled" });
  expect(dispose).toHaveBeenCalledTimes(1);
});

it.each<[string, object, RegExp]>([
  ["a ratio that is no number", { totalOverBareCalls: "fast" }, /totalOverBareCalls/],
  ["a date that is none", { date: "yesterday" }, /date/],
  ["a field that nobody knows", { speed: 1 }, /speed/],
  ["a backend that does not exist", { backend: "cuda" }, /backend/],
])("a report with %s is refused, and the field named", (_, change, named) => {
  const report = { ...REPORT, ...change };
  expect(() => readBenchReport(report)).toThrow(named);
});

const REPORT: BenchReport = {
  date: "2026-01-02T03:04:05.678Z",
  versions: { afterimage: "1", onnxruntime: "1" },
  machine: { cpu: null, cores: 1, threads: 1, memoryGb: null, program: "a test", userAgent: null },
  backend: "wasm",
  gpu: null,
  engine: {},
  model: "m",
  recipe: { sampler: "ddim", steps: 1, guidance: 1, widthPx: 8, heightPx: 8 },
  pictures: 1,
  firstPictureMs: { cold: 1, warm: 1 },
  openMs: { cold: 1, warm: 1 },
  medianMs: { encode: 1, predict: 1, decode: 1, match: null, host: 1, picture: 1, pictureWithPreviews: 1 },
  totalOverBareCalls: 1,
  readBackBytesPerStep: null,
  naive: null,
  memory: { fewPictures: 5, manyPictures: 50, courses: [] },
  scaling: [],
};
