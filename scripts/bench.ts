/** `npm run bench`: how fast pictures are drawn on this machine, in Node and in a browser, as tables or as one line of JSON. */

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { arch, cpus, loadavg, release, totalmem, type } from "node:os";
import { parseArgs } from "node:util";
import { version } from "../package.json";
import { readBenchReport } from "../src/bench/report";
import { BENCH_PLANS, type BenchPlan, type BenchReport, type BenchSwitches } from "../src/protocol/bench";
import { benchTables } from "../src/protocol/benchTables";
import { hasRealGpu, measureInBrowser } from "./benchBrowser";
import buildTestSites, { SITE_FOLDER, SMALL_SITE_FOLDER } from "./testSites";

const USAGE = `npm run bench -- [options]

  --only PARTS    some of node,wasm,webgpu (default: all)
  --quick         a fraction of the time
  --switches      on WebGPU also with each switch set otherwise; done anyway where the GPU is real
  --json          one line of JSON instead of tables
  --out FILE      where to write everything (default: models/bench/last.json, if everything was measured)

For Node alone: --model DIR, --graphs DIR, --threads N, --pictures N.`;

const PARTS = ["node", "wasm", "webgpu"] as const;
type Part = (typeof PARTS)[number];

/** The last whole run, which is committed. */
const LAST = "models/bench/last.json";

/** Everything that was measured at once. */
interface Bench {
  readonly date: string;
  readonly afterimage: string;
  readonly machine: Readonly<Record<"cpu" | "system", string> & Record<"cores" | "memoryGb", number>>;
  /** Processes that wanted a core, on average over the last quarter of an hour: more than there are cores, and times mean little. */
  readonly load: { readonly before: number; after: number };
  /** By environment: "node", "chromium wasm", "chromium webgpu, software", "chromium webgpu". */
  readonly runs: Record<string, BenchReport>;
  /** The most that all processes of the browser held together, in megabytes, by environment. */
  readonly browserPeakMB: Record<string, number>;
  /** The same on WebGPU with one switch set otherwise. */
  readonly switches: { readonly switched: BenchSwitches; readonly report: BenchReport }[];
}

/** One at a time, against the run without any. */
const SWITCHES: readonly BenchSwitches[] = [
  { layout: "NCHW" },
  { layout: "NHWC" },
  { build: "asyncify" },
  { capture: "never" },
  { capture: "always" },
  { subgroups: "never" },
];
/** The software adapter takes a minute for what a GPU does in a second. */
const SOFTWARE_PLAN: BenchPlan = { pictures: 3, manyPictures: 50, scalingMs: 60_000 };
const SWITCH_PLAN: BenchPlan = { pictures: 3, manyPictures: 6, scalingMs: 0 };

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean", default: false } as const;
const NODE_OPTIONS = ["model", "graphs", "threads", "pictures"] as const;
const OPTIONS = {
  only: TEXT,
  out: TEXT,
  quick: FLAG,
  switches: FLAG,
  json: FLAG,
  help: FLAG,
  ...{ model: TEXT, graphs: TEXT, threads: TEXT, pictures: TEXT },
} as const;

const tell = (sentence: string) => console.error(sentence);

/** The Node part, in a process of its own so that its memory is its own. */
async function inNode(argv: readonly string[]): Promise<BenchReport> {
  const child = spawn(process.execPath, ["--import", "tsx", "src/cli/bench.ts", ...argv], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (status !== 0) process.exit(status ?? 1);
  return readBenchReport(JSON.parse(Buffer.concat(chunks).toString()));
}

/** The software adapter draws the small model, a real GPU the bundled model. */
async function onWebGpu(bench: Bench, plan: BenchPlan, asksForSwitches: boolean): Promise<void> {
  const isRealGpu = await hasRealGpu(SITE_FOLDER);
  const environment = isRealGpu ? "chromium webgpu" : "chromium webgpu, software";
  const folder = isRealGpu ? SITE_FOLDER : SMALL_SITE_FOLDER;
  const task = { folder, backend: "webgpu", isRealGpu } as const;
  await keep(bench, environment, measureInBrowser({ ...task, plan: isRealGpu ? plan : SOFTWARE_PLAN }, tell));
  if (!isRealGpu && !asksForSwitches) return;
  for (const switches of SWITCHES) {
    tell(`with ${JSON.stringify(switches)}`);
    const { report } = await measureInBrowser({ ...task, plan: SWITCH_PLAN, switches }, tell);
    bench.switches.push({ switched: switches, report });
  }
}

async function keep(bench: Bench, environment: string, measuring: ReturnType<typeof measureInBrowser>) {
  const { report, peakMB } = await measuring;
  bench.runs[environment] = report;
  if (peakMB !== null) bench.browserPeakMB[environment] = peakMB;
}

function partsOf(only: string | undefined): readonly Part[] {
  const asked = only?.split(",") ?? PARTS;
  const unknown = asked.find((part) => !PARTS.some((known) => known === part));
  if (unknown === undefined) return PARTS.filter((part) => asked.includes(part));
  console.error(`--only wants some of ${PARTS.join(",")}, got "${unknown}" (--help lists the options).`);
  process.exit(2);
}

function tables({ machine, load, runs, browserPeakMB, switches }: Bench): string {
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.system}; load ${load.before} before, ${load.after} after`,
  ];
  for (const [environment, report] of Object.entries(runs)) {
    lines.push("", `== ${environment}`);
    if (browserPeakMB[environment] !== undefined)
      lines.push(`The browser held ${browserPeakMB[environment]} MB at most.`);
    for (const { title, columns, rows } of benchTables(report))
      lines.push("", title, ...aligned([columns, ...rows]));
  }
  for (const { switched, report } of switches)
    lines.push(
      `${JSON.stringify(switched)}: a step ${report.medianMs.predict} ms, a picture ${report.medianMs.picture} ms, over bare calls ${report.totalOverBareCalls}`,
    );
  return lines.join("\n");
}

const loadNow = () => Math.round(100 * (loadavg()[2] ?? 0)) / 100;

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** @param given as typed, for Node alone. */
async function measureAll(
  parts: readonly Part[],
  plan: BenchPlan,
  given: readonly string[],
  asksForSwitches: boolean,
): Promise<Bench> {
  const bench: Bench = {
    date: new Date().toISOString(),
    afterimage: version,
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 1e8) / 10,
      system: `${type()} ${release()}, ${arch()}`,
    },
    load: { before: loadNow(), after: 0 },
    ...{ runs: {}, browserPeakMB: {}, switches: [] },
  };
  if (parts.includes("node")) bench.runs["node"] = await inNode(given);
  if (parts.some((part) => part !== "node")) buildTestSites();
  if (parts.includes("wasm")) {
    const task = { folder: SITE_FOLDER, backend: "wasm", isRealGpu: false, plan } as const;
    await keep(bench, "chromium wasm", measureInBrowser(task, tell));
  }
  if (parts.includes("webgpu")) await onWebGpu(bench, plan, asksForSwitches);
  bench.load.after = loadNow();
  return bench;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return console.log(USAGE);
  const { quick, switches, json, only, out } = values;
  const parts = partsOf(only);
  const given = NODE_OPTIONS.flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]],
  );
  const plan = quick ? BENCH_PLANS.quick : BENCH_PLANS.whole;
  const bench = await measureAll(parts, plan, quick ? ["--quick", ...given] : given, switches);
  const isWhole = parts.length === PARTS.length && !quick;
  if (out !== undefined || isWhole) writeFileSync(out ?? LAST, `${JSON.stringify(bench, null, 2)}\n`);
  console.log(json ? JSON.stringify(bench) : tables(bench));
}

await main();
