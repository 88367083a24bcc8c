/** A benchmark in words: budgets met or not, and nothing left out without saying so. */

import { expect, it } from "vitest";
import type { BenchReport } from "./bench";
import { budgetsOf } from "./benchBudgets";
import { benchTables } from "./benchTables";

const REPORT: BenchReport = {
  date: "2026-01-02T03:04:05.678Z",
  versions: { afterimage: "1.0.0", onnxruntime: "1.30.0" },
  machine: { cpu: null, cores: 8, threads: 4, memoryGb: 8, program: "Chromium 150", userAgent: "x" },
  backend: "webgpu",
  gpu: {
    vendor: "acme",
    architecture: "one",
    device: "",
    description: "",
    isSoftware: false,
    features: [],
    limits: {},
  },
  engine: { build: "jspi", layout: "NCHW" },
  model: "m",
  recipe: { sampler: "ddim", steps: 25, guidance: 3, widthPx: 256, heightPx: 128 },
  pictures: 3,
  firstPictureMs: { cold: 1500, warm: 900 },
  openMs: { cold: 1000, warm: 500 },
  medianMs: {
    encode: 1.5,
    predict: 20,
    decode: 30,
    match: null,
    host: 8,
    picture: 540,
    pictureWithPreviews: 545,
  },
  totalOverBareCalls: 1.02,
  readBackBytesPerStep: 0,
  naive: { pictureMs: 1080, readBackBytesPerStep: 32768, overOurs: 2, levelsApart: 1 },
  memory: {
    fewPictures: 5,
    manyPictures: 50,
    courses: [{ kind: "gpu", fewBytes: 1e8, manyBytes: 1e8, peakBytes: 2e8 }],
  },
  scaling: [
    {
      steps: 10,
      sidePx: 256,
      pictures: 1,
      measured: { totalMs: 200, unitMs: 5, totalOverBareCalls: 1.01 },
    },
    { steps: 1, sidePx: 512, pictures: 4, measured: null },
  ],
};

const rowsOf = (title: string, report = REPORT) =>
  benchTables(report).find((table) => table.title === title)?.rows ?? [];
const broken = (change: Partial<BenchReport>) =>
  budgetsOf({ ...REPORT, ...change })
    .filter(({ isMet }) => !isMet)
    .map(({ name }) => name);

it("every budget that is broken says so, and only that one", () => {
  expect(broken({})).toEqual([]);
  expect(broken({ totalOverBareCalls: 1.06 })).toEqual(["A picture over its bare network calls"]);
  expect(broken({ totalOverBareCalls: 1.05 })).toEqual([]);
  expect(broken({ readBackBytesPerStep: 4 })).toEqual(["Bytes read back per step"]);
  expect(broken({ naive: { pictureMs: 1, readBackBytesPerStep: 0, overOurs: 1, levelsApart: 3 } })).toEqual([
    "Levels of 255 between a picture and the naive loop's",
  ]);
  const courses = [{ kind: "process", fewBytes: 100, manyBytes: 106, peakBytes: 106 }] as const;
  expect(broken({ memory: { ...REPORT.memory, courses } })).toEqual([
    "Process memory after 50 pictures over that after 5",
  ]);
});

it("a CPU has nothing to read back, and no budget for it", () => {
  const cpu = { ...REPORT, backend: "wasm", gpu: null, readBackBytesPerStep: null } as const;
  expect(budgetsOf(cpu).map(({ name }) => name)).not.toContain("Bytes read back per step");
  expect(rowsOf("Where", cpu).map(([what]) => what)).not.toContain("GPU");
});

it("every table has as many cells in each row as it has columns", () => {
  for (const { columns, rows } of benchTables(REPORT))
    for (const row of rows) expect(row, row.join()).toHaveLength(columns.length);
});

it("what was left out of the table of costs is said to be", () => {
  expect(rowsOf("What more work costs")).toEqual([
    ["1 picture, 256 × 256, 10 steps", "200.0 ms", "5.00 ms", "1.010"],
    ["4 pictures, 512 × 512, 1 step", "left out: no time", "", ""],
  ]);
});

it("the machine and what was set on it are named", () => {
  expect(rowsOf("Where")).toEqual(
    expect.arrayContaining([
      ["Model", "m, 256 × 128, 25 steps of ddim, guidance 3"],
      ["Processor", "8 cores, 4 threads used"],
      ["GPU", "acme one"],
      ["Engine", "ONNX Runtime Web 1.30.0, jspi, NCHW"],
    ]),
  );
});

it("a model that the naive loop does not know is not compared, and one without a prompt match has none compared", () => {
  expect(rowsOf("Against a naive loop", { ...REPORT, naive: null })).toEqual([]);
  expect(rowsOf("Time").map(([what]) => what)).not.toContain("Judging");
});
