/** The device's abilities, as the browser tells them. Nothing is opened or fetched for it. */

import type { DeviceReport } from "../protocol/library";
import { findAdapter, nameOf } from "../runtime/device/device";
import { usableThreads } from "../runtime/ort/engine";

/** The properties of `navigator` that are read; `deviceMemory` is Chromium's alone. */
interface Surroundings {
  readonly hardwareConcurrency?: number;
  readonly deviceMemory?: number;
}

/** @param isIsolated whether threads may share memory: without that the CPU backend has one. */
export async function deviceReport(isIsolated: boolean): Promise<DeviceReport> {
  const { hardwareConcurrency = 1, deviceMemory }: Surroundings = navigator;
  const threads = usableThreads(isIsolated ? hardwareConcurrency : 1);
  const memoryGb = deviceMemory ?? null;
  const adapter = await findAdapter();
  if (typeof adapter === "string") return { gpu: null, gpuReason: adapter, threads, memoryGb };
  const gpu = {
    description: nameOf(adapter),
    isSoftware: adapter.info.isFallbackAdapter,
    hasF16: adapter.features.has("shader-f16"),
    bufferBytesMax: adapter.limits.maxBufferSize,
    bindingBytesMax: adapter.limits.maxStorageBufferBindingSize,
  };
  return { gpu, gpuReason: null, threads, memoryGb };
}
