/** The switches of a comparison, set from outside: they change what is asked of ONNX Runtime and of the adapter. */

import type { BenchSwitches } from "../../protocol/bench";
import type { Adapter } from "../../runtime/device/device";
import type { OrtSessionOptions } from "../../runtime/ort/engine";

/** Changes the options of every session: how convolutions on WebGPU want their tensors, and that there is no graph capture. */
export function switched({
  layout,
  capture,
}: BenchSwitches): (options: OrtSessionOptions) => OrtSessionOptions {
  return (options) => {
    // The runtime goes on without where ONNX Runtime refuses, and knows it by these words.
    if (capture === "never" && options.enableGraphCapture) throw new Error("Graph capture is switched off.");
    if (layout === undefined) return options;
    const executionProviders = options.executionProviders?.map((provider) =>
      typeof provider === "object" && provider.name === "webgpu"
        ? { ...provider, preferredLayout: layout }
        : provider,
    );
    return executionProviders ? { ...options, executionProviders } : options;
  };
}

/** An adapter that does not have subgroups, and so opens a device whose kernels use none. */
export function withoutSubgroups(adapter: Adapter): Adapter {
  const { features, info, limits } = adapter;
  return {
    features: new Set([...features].filter((name) => !name.startsWith("subgroup"))),
    ...{ info, limits },
    requestDevice: (descriptor) => adapter.requestDevice(descriptor),
  };
}
