/** A benchmark's report as tables for people, on a page or in a terminal. */

import type { BenchReport, MemoryCourse, ScalingPoint } from "./bench";
import { budgetsOf } from "./benchBudgets";

/** One table. */
export interface BenchTable {
  readonly title: string;
  /** The first heads the column that names the rows. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Names of the kinds of memory. */
export const MEMORY_NAMES: Readonly<Record<MemoryCourse["kind"], string>> = {
  process: "The process",
  wasm: "WebAssembly",
  gpu: "GPU buffers",
};

/** Everything that was measured, budgets first. */
export function benchTables(report: BenchReport): readonly BenchTable[] {
  return [
    {
      title: "Budgets",
      columns: ["Budget", "Wanted", "Measured", ""],
      rows: budgetsOf(report).map(({ name, wanted, got, isMet }) => [
        name,
        wanted,
        got,
        isMet ? "met" : "not met",
      ]),
    },
    { title: "Time", columns: ["What", "Time"], rows: timesOf(report) },
    ...naiveTable(report),
    memoryTable(report),
    ...scalingTable(report.scaling),
    { title: "Where", columns: ["What", "Which"], rows: whereOf(report) },
  ];
}

function timesOf({ medianMs, firstPictureMs, openMs }: BenchReport): BenchTable["rows"] {
  return [
    ["First picture, cold", `${timeText(firstPictureMs.cold)}, of which opening ${timeText(openMs.cold)}`],
    [
      "First picture, opened again",
      `${timeText(firstPictureMs.warm)}, of which opening ${timeText(openMs.warm)}`,
    ],
    ["A picture", timeText(medianMs.picture)],
    ["A picture with previews", timeText(medianMs.pictureWithPreviews)],
    ["Encoding a text", timeText(medianMs.encode)],
    ["A step", timeText(medianMs.predict)],
    ["Decoding", timeText(medianMs.decode)],
    ...(medianMs.match === null ? [] : [["Judging", timeText(medianMs.match)]]),
    ["Everything else in a picture", timeText(medianMs.host)],
  ];
}

function naiveTable({ naive, medianMs, readBackBytesPerStep }: BenchReport): readonly BenchTable[] {
  if (naive === null) return [];
  return [
    {
      title: "Against a naive loop",
      columns: ["Loop", "A picture", "Bytes read back per step"],
      rows: [
        ["Ours", timeText(medianMs.picture), bytesRead(readBackBytesPerStep)],
        ["Naive, as public demos do it", timeText(naive.pictureMs), bytesRead(naive.readBackBytesPerStep)],
        ["Naive over ours", naive.overOurs.toFixed(3), ""],
      ],
    },
  ];
}

function memoryTable({ memory: { fewPictures, manyPictures, courses } }: BenchReport): BenchTable {
  return {
    title: "Memory",
    columns: ["Of", `After ${fewPictures} pictures`, `After ${manyPictures}`, "At most"],
    rows: courses.map(({ kind, fewBytes, manyBytes, peakBytes }) => [
      MEMORY_NAMES[kind],
      ...[fewBytes, manyBytes, peakBytes].map(megabytes),
    ]),
  };
}

function scalingTable(points: readonly ScalingPoint[]): readonly BenchTable[] {
  if (points.length === 0) return [];
  return [
    {
      title: "What more work costs",
      columns: ["Work", "Time", "Per step and 128 × 128 pixels", "Over bare calls"],
      rows: points.map(({ steps, sidePx, pictures, measured }) => [
        `${pictures === 1 ? "1 picture" : `${pictures} pictures`}, ${sidePx} × ${sidePx}, ${steps === 1 ? "1 step" : `${steps} steps`}`,
        ...(measured === null
          ? ["left out: no time", "", ""]
          : [timeText(measured.totalMs), timeText(measured.unitMs), measured.totalOverBareCalls.toFixed(3)]),
      ]),
    },
  ];
}

function whereOf({ machine, gpu, engine, versions, model, recipe, date }: BenchReport): BenchTable["rows"] {
  const { sampler, steps, guidance, widthPx, heightPx } = recipe;
  const { cpu, cores, threads, program, memoryGb } = machine;
  return [
    ["Model", `${model}, ${widthPx} × ${heightPx}, ${steps} steps of ${sampler}, guidance ${guidance}`],
    ["Program", program],
    ["Processor", `${cpu === null ? "" : `${cpu}, `}${cores} cores, ${threads} threads used`],
    ...(memoryGb === null ? [] : [["Memory", `${memoryGb} GB`]]),
    ...(gpu === null ? [] : [["GPU", gpuName(gpu)]]),
    ["Engine", `ONNX Runtime Web ${versions.onnxruntime}, ${Object.values(engine).join(", ")}`],
    ["Afterimage", `${versions.afterimage}, ${date}`],
  ];
}

function gpuName({
  vendor,
  architecture,
  device,
  description,
  isSoftware,
}: NonNullable<BenchReport["gpu"]>): string {
  const words = [vendor, architecture, device, description].filter((word) => word !== "");
  return `${words.join(" ")}${isSoftware ? " (software)" : ""}`;
}

/** "12.3 ms", "1.23 s". */
function timeText(ms: number): string {
  return Math.abs(ms) < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function bytesRead(bytes: number | null): string {
  return bytes === null ? "none: no GPU" : String(bytes);
}
