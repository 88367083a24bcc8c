/** What a benchmark does with tensors and nobody else should: keep copies of what a network was fed, and read outputs back. */

import type { Tensor } from "onnxruntime-web";
import { Failure } from "../../core/failure";
import type { HostTensor } from "../../core/tensor";
import type { Backend } from "../device/device";
import type { Engine, Ort } from "./engine";
import { type Feeds, type Port, type Tensors, takeFloats, toTensors } from "./tensors";

/** Flags of the WebGPU specification, which TypeScript's library leaves out. */
declare const GPUBufferUsage: Readonly<Record<"STORAGE" | "COPY_SRC" | "COPY_DST", number>>;

/** Buffers are copied in words. */
const WORD_BYTES = 4;

/**
 * Inputs as the device likes them best: floats in GPU buffers of their own where there is a GPU, everything else on the host, where
 * graphs want their whole numbers.
 *
 * @param ports of the network that they are for.
 * @throws {Failure} "bad-request" for inputs that the network does not take.
 */
export function keptFeeds(
  { ort }: Engine,
  backend: Backend,
  ports: readonly Port[],
  feeds: Feeds,
): { readonly feeds: Tensors; dispose(): void } {
  const { tensors, made } = toTensors(ort, "a network", ports, feeds);
  const kept: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const isFloat = tensor.type === "float32" || tensor.type === "float16";
    if (backend.kind === "webgpu" && isFloat) kept[name] = onGpu(ort, backend.gpu.device, tensor);
    else kept[name] = made.includes(tensor) ? tensor : onHost(ort, tensor);
  }
  return {
    feeds: kept,
    dispose() {
      for (const tensor of Object.values(kept)) tensor.dispose();
    },
  };
}

function onHost(ort: Ort, { type, data, dims }: Tensor): Tensor {
  if (ArrayBuffer.isView(data)) return new ort.Tensor(type, data.slice(), dims);
  throw new Failure("internal", `Wanted numbers to keep, got ${type}.`);
}

/** Numbers of a tensor that is then disposed; if it is on a GPU, that waits for all that is to be computed before. */
export async function readFloats(tensor: Tensor): Promise<HostTensor> {
  if (tensor.location !== "cpu") await tensor.getData(true);
  return takeFloats(tensor);
}

/** The device's queue keeps the order, so nothing is waited for. */
function onGpu(ort: Ort, device: GPUDevice, tensor: Tensor): Tensor {
  const { dims, size: count } = tensor;
  const dataType = tensor.type === "float16" ? "float16" : "float32";
  const bytes = count * (dataType === "float16" ? 2 : 4);
  const size = Math.ceil(bytes / WORD_BYTES) * WORD_BYTES;
  const buffer = device.createBuffer({
    size,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  if (tensor.location === "gpu-buffer") {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(tensor.gpuBuffer, 0, buffer, 0, size);
    device.queue.submit([encoder.finish()]);
  } else {
    const words = new Uint8Array(size);
    words.set(bytesOf(tensor.data));
    device.queue.writeBuffer(buffer, 0, words);
  }
  return ort.Tensor.fromGpuBuffer(buffer, { dataType, dims, dispose: () => buffer.destroy() });
}

function bytesOf(data: Tensor["data"]): Uint8Array {
  if (!ArrayBuffer.isView(data)) return new Uint8Array();
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
