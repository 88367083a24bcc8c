/** The calls of the benchmark's worker. It is a worker of its own, so that measuring and drawing do not disturb each other. */

import { bench } from "../bench/bench";
import { meterDevice } from "../bench/instruments/gpuMeter";
import { recordingEngine } from "../bench/instruments/recordingEngine";
import { switched, withoutSubgroups } from "../bench/instruments/switched";
import type { Subject } from "../bench/subject";
import type { BackendChoice } from "../core/backend";
import type { BenchSwitches } from "../protocol/bench";
import type { BenchHandlers } from "../protocol/calls";
import { openBackend } from "../runtime/device/device";
import { startEngine } from "../runtime/start";
import { messagesIn } from "./messagesIn";
import { openModel } from "./opening/openModel";
import { wasmGauge } from "./wasmGauge";

interface Brand {
  readonly brand: string;
  readonly version: string;
}

/** The properties of `navigator` that are read; the last two are Chromium's alone. */
interface Asked {
  readonly hardwareConcurrency: number;
  readonly userAgent: string;
  readonly deviceMemory?: number;
  readonly userAgentData?: {
    getHighEntropyValues(hints: readonly string[]): Promise<{ readonly fullVersionList?: readonly Brand[] }>;
  };
}

/** Starts as anybody does, but for the switches, with a meter at the device and a listener at the engine. */
async function startMeasured(choice: BackendChoice, switches: BenchSwitches) {
  const { engine, backend } = await startEngine(choice, undefined, (plan, engine) => {
    const isSwitched = plan.kind === "webgpu" && switches.subgroups === "never";
    return openBackend(isSwitched ? { ...plan, adapter: withoutSubgroups(plan.adapter) } : plan, engine);
  });
  const meter = backend.kind === "webgpu" ? meterDevice(backend.gpu.device) : null;
  const recorder = recordingEngine(engine, switched(switches));
  return { engine: recorder.engine, backend, recorder, meter };
}

/** Handlers that hold nothing between two calls. */
export const benchHandlers: BenchHandlers = {
  bench: async ({ source, backend: choice, plan, switches = {} }, { signal, report }) => {
    // Before the engine is chosen, which goes by it; the worker is not used for anything else afterwards.
    if (switches.build === "asyncify") Reflect.deleteProperty(WebAssembly, "Suspending");
    const gauge = wasmGauge();
    const open = async (): Promise<Subject> => {
      const watching = { signal, report: () => undefined };
      const started = await startMeasured(choice, switches);
      const captureRule = switches.capture === "always" ? "always" : "where-cheap";
      const start = async () => started;
      const opened = await openModel(source, choice, watching, { start, captureRule });
      // Previews of a benchmark are linear: detailed ones are made as often as there is time.
      await opened.previews.dispose();
      return { ...opened, ...started };
    };
    const { hardwareConcurrency, userAgent, deviceMemory, userAgentData }: Asked = navigator;
    const versions = await userAgentData?.getHighEntropyValues(["fullVersionList"]);
    return bench(open, plan, {
      now: () => performance.now(),
      isCancelled: async () => {
        await messagesIn();
        return signal.aborted;
      },
      report,
      gauges: [gauge],
      machine: {
        cpu: null,
        cores: hardwareConcurrency,
        memoryGb: deviceMemory ?? null,
        program: programOf(versions?.fullVersionList ?? []),
        userAgent,
      },
      date: new Date().toISOString(),
      switches,
    });
  },
};

/** Browsers hide their name among made-up ones, "Not;A=Brand". */
function programOf(brands: readonly Brand[]): string {
  const named = brands.filter(({ brand }) => !/not.?a.?brand/i.test(brand));
  return named.map(({ brand, version }) => `${brand} ${version}`).join(", ") || "a browser";
}
