/** Shared by the tests of the benchmark: the small model, open in Node, and a clock that counts runs of networks. */

import { fileURLToPath } from "node:url";
import type { InferenceSession, Tensor } from "onnxruntime-web";
import { vi } from "vitest";
import { diffusersSource } from "../checkpoint/diffusersFolder";
import { readModel } from "../checkpoint/model";
import { nodeModelFiles } from "../cli/nodeFiles";
import { chooseBackend } from "../runtime/device/device";
import { createNetworks } from "../runtime/networks/diffusersNetworks";
import { loadNodeEngine } from "../runtime/ort/nodeEngine";
import { recordingEngine } from "./instruments/recordingEngine";
import type { Subject, Surroundings } from "./subject";

const files = nodeModelFiles(fileURLToPath(new URL("../runtime/__fixtures__/small", import.meta.url)));
const engine = loadNodeEngine(2);

/** The small model: two runs for the texts of its first picture, one for each step, one to decode, one for the prompt match. */
export async function openSmall(): Promise<Subject> {
  const backend = await chooseBackend("wasm", engine);
  const recorder = recordingEngine(engine);
  const model = await readModel(async (path) => (await files.open(path))?.text() ?? null);
  const networks = await createNetworks({
    source: diffusersSource(files),
    graphs: { ...files, families: ["graphs"] },
    engine: recorder.engine,
    backend,
  });
  const defaults = { ...model.card.defaults, sampler: "ddim", steps: 3, widthPx: 48, heightPx: 32 } as const;
  return { model: { ...model, card: { ...model.card, defaults } }, networks, backend, recorder, meter: null };
}

/** The inputs of a run by their names: their numbers then, and the tensors that held them. */
interface Run {
  readonly numbers: Readonly<Record<string, string>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** A clock on which nothing takes time but ONNX Runtime: a second for each run. */
export function runClock(): { now(): number; readonly runs: readonly Run[] } {
  const runs: Run[] = [];
  const prototype = Reflect.get(engine.ort.InferenceSession, "prototype") as InferenceSession;
  const { run } = prototype;
  vi.spyOn(prototype, "run").mockImplementation(async function (this: InferenceSession, ...args: unknown[]) {
    const tensors = args[0] as Record<string, Tensor>;
    const numbers = Object.entries(tensors).map(([name, { dims, data }]) => [name, `[${dims}] ${data}`]);
    runs.push({ tensors, numbers: Object.fromEntries(numbers) });
    return Reflect.apply(run, this, args);
  });
  return { now: () => 1000 * runs.length, runs };
}

/** Surroundings that say nothing and never cancel. */
export function quiet(clock: Pick<Surroundings, "now">): Surroundings {
  return {
    now: clock.now,
    isCancelled: async () => false,
    report: () => undefined,
    gauges: [],
    machine: { cpu: "a chip", cores: 2, memoryGb: 8, program: "a test", userAgent: null },
    date: "2026-01-02T03:04:05.678Z",
    switches: {},
  };
}
