/** Runs the benchmark in Node, on the CPU. */

import { cpus, totalmem } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { bench } from "../bench/bench";
import { recordingEngine } from "../bench/instruments/recordingEngine";
import { rounded } from "../bench/statistics";
import type { MemoryGauge, Subject } from "../bench/subject";
import type { BenchPlan, BenchReport } from "../protocol/bench";
import { engineFor, type ModelLocation, openModel } from "./openModel";

/** @param tell receives a sentence about each part that is done. @throws {Failure} if the model cannot be opened or drawn with. */
export async function measure(
  location: ModelLocation,
  plan: BenchPlan,
  tell: (sentence: string) => void,
): Promise<BenchReport> {
  const open = async (): Promise<Subject> => {
    const recorder = recordingEngine(engineFor(location));
    return { ...(await openModel(location, recorder.engine)), recorder, meter: null };
  };
  return bench(open, plan, {
    now: () => performance.now(),
    isCancelled: async () => false,
    report: ({ part, done, total }) => tell(`${part}: ${done} of ${total}`),
    gauges: [processGauge()],
    machine: {
      cpu: cpus()[0]?.model ?? null,
      cores: cpus().length,
      memoryGb: rounded(totalmem() / 1e9, 1),
      program: `Node ${process.versions.node}`,
      userAgent: null,
    },
    date: new Date().toISOString(),
    switches: {},
  });
}

/** Measures the resident memory of this process, in bytes. */
function processGauge(): MemoryGauge {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  return {
    kind: "process",
    bytes: async () => {
      collectGarbage();
      return process.memoryUsage.rss();
    },
    peakBytes: () => process.resourceUsage().maxRSS * 1024,
  };
}
