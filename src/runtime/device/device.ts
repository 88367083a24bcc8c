/** Where the networks run: on a GPU device of our own, which is watched, or on the CPU. */

import type { BackendChoice, BackendReport } from "../../core/backend";
import { Failure } from "../../core/failure";

/** Where the networks run. */
export type Backend = { readonly kind: "wasm"; readonly report: BackendReport } | GpuBackend;

/** A GPU. */
export interface GpuBackend {
  readonly kind: "webgpu";
  readonly report: BackendReport;
  readonly gpu: WatchedDevice;
}

/** Which of a network's graphs runs here. */
export function precisionOf(backend: Backend): "f32" | "f16" {
  return backend.kind === "webgpu" && backend.gpu.hasF16 ? "f16" : "f32";
}

/** A device, and whether it can still be believed. */
export interface WatchedDevice {
  readonly device: GPUDevice;
  /** True if kernels may compute in float16. */
  readonly hasF16: boolean;
  /**
   * A lost device lets a run "succeed" with garbage, so this is asked after every run.
   * @throws {Failure} "device-lost", "out-of-memory" or "internal", with the GPU's own words.
   */
  check(): void;
  /**
   * Before another attempt: a device that ran out of memory is still good, as soon as what it was asked meanwhile is over.
   * Rejects as {@link check} for all other failures.
   */
  recover(): Promise<void>;
  /** {@link check} for an error that came out of a run: gives the news of a loss a moment to arrive. */
  checkAfterError(): Promise<void>;
}

const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxBindGroups",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const satisfies readonly (keyof GPUSupportedLimits)[];
/** The smallest subgroups that ONNX Runtime's attention was tried with; with 4 (software adapters) it computes wrongly. */
const SUBGROUP_SIZE_MIN = 16;
/** How long after a failed run the news of a lost device may take. */
const NEWS_MS = 100;

/** The part of an adapter that is used to open its device. */
export type Adapter = Pick<GPUAdapter, "features" | "info" | "limits" | "requestDevice">;

/** Where the networks are to run; nothing is fetched or opened for it yet. */
export type BackendPlan =
  /** `reason`: a sentence if this is not what was hoped for. */
  | { readonly kind: "wasm"; readonly reason: string | null }
  | { readonly kind: "webgpu"; readonly adapter: Adapter };

/** @throws {Failure} "unsupported" if WebGPU was asked for by name and is not to be had. */
export async function planBackend(choice: BackendChoice): Promise<BackendPlan> {
  if (choice === "wasm") return { kind: "wasm", reason: null };
  const adapter = await findAdapter();
  if (typeof adapter === "string") {
    if (choice === "auto") return { kind: "wasm", reason: adapter };
    throw new Failure("unsupported", `${adapter} Choose the processor instead.`);
  }
  if (choice === "auto" && adapter.info.isFallbackAdapter)
    return { kind: "wasm", reason: "Only a software GPU was found; the processor is faster." };
  return { kind: "webgpu", adapter };
}

/** The part of ONNX Runtime, once loaded, that a report on the CPU needs. */
interface Threads {
  readonly threads: number;
}

/** @throws {Failure} "unsupported" if the GPU refuses. */
export async function openBackend(plan: BackendPlan, engine: Threads): Promise<Backend> {
  if (plan.kind === "wasm") return cpu(engine, plan.reason);
  const gpu = await openDevice(plan.adapter);
  const description = `${nameOf(plan.adapter)}, ${gpu.hasF16 ? 16 : 32}-bit`;
  return { kind: "webgpu", gpu, report: { kind: "webgpu", description, reason: null } };
}

/** Plans and opens, for an engine that is loaded and can do either. @throws {Failure} "unsupported" as they do. */
export async function chooseBackend(choice: BackendChoice, engine: Threads): Promise<Backend> {
  return openBackend(await planBackend(choice), engine);
}

/** The name of an adapter, for people: "nvidia ada-lovelace". */
export function nameOf({ info: { vendor, architecture, description } }: Pick<GPUAdapter, "info">): string {
  return description || [vendor, architecture].filter(Boolean).join(" ") || "GPU";
}

function cpu({ threads }: Threads, reason: string | null): Backend {
  const description = `processor, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  return { kind: "wasm", report: { kind: "wasm", description, reason } };
}

/** An adapter, or a sentence that says why there is none. */
export async function findAdapter(): Promise<GPUAdapter | string> {
  const gpu = typeof navigator === "undefined" ? undefined : navigator.gpu;
  if (!gpu) return "This browser has no WebGPU.";
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  return adapter ?? "This browser has WebGPU, but found no GPU that it may use.";
}

async function openDevice(adapter: Adapter): Promise<WatchedDevice> {
  const wanted = ["shader-f16", "timestamp-query"];
  if (adapter.info.subgroupMinSize >= SUBGROUP_SIZE_MIN) wanted.push("subgroups", "subgroup-size-control");
  try {
    const device = await adapter.requestDevice({
      // The cast: a feature too new for the type, asked for only where the adapter lists it.
      requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[],
      requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    });
    return watchDevice(device);
  } catch (cause) {
    throw new Failure("unsupported", "The GPU refused to be opened; choose the processor instead.", {
      cause,
    });
  }
}

/** Listens for the end of a device, and for errors that no promise carries. */
export function watchDevice(device: GPUDevice): WatchedDevice {
  let failure: Failure | null = null;
  const lost = device.lost.then(({ message }) => {
    failure = new Failure("device-lost", `The GPU was lost: ${message || "no reason was given"}.`);
  });
  device.addEventListener("uncapturederror", ({ error }) => {
    const code = error instanceof GPUOutOfMemoryError ? "out-of-memory" : "internal";
    failure ??= new Failure(code, `The GPU refused: ${error.message}`);
  });
  const check = () => {
    if (failure) throw failure;
  };
  return {
    device,
    hasF16: device.features.has("shader-f16"),
    check,
    async recover() {
      if (failure?.code === "out-of-memory") {
        await Promise.race([lost, device.queue.onSubmittedWorkDone()]);
        if (failure.code === "out-of-memory") failure = null;
      }
      check();
    },
    async checkAfterError() {
      await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, NEWS_MS))]);
      check();
    },
  };
}
