/** Copies of the tensors that a network was fed, so that the same call can be made again later. */

import { Failure } from "../../core/failure";
import type { HostTensor } from "../../core/tensor";
import { BUFFER_USAGE } from "../../runtime/device/bufferUsage";
import type { Backend } from "../../runtime/device/device";
import type { Ort } from "../../runtime/ort/engine";
import { type OrtTensor, type Tensors, takeFloats } from "../../runtime/ort/tensors";

/** Tensors by name, until they are disposed. */
export interface KeptTensors {
  readonly tensors: Tensors;
  dispose(): void;
}

/** A buffer is copied in words of so many bytes. */
const WORD_BYTES = 4;

/**
 * Copies tensors to where the device takes them fastest: floats into GPU buffers where there is a GPU, everything else to the host,
 * where graphs want their whole numbers.
 *
 * @throws {Failure} "internal" for a tensor that holds no numbers.
 */
export function keepTensors(ort: Ort, backend: Backend, tensors: Tensors): KeptTensors {
  const kept: Record<string, OrtTensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const isFloat = tensor.type === "float32" || tensor.type === "float16";
    kept[name] =
      backend.kind === "webgpu" && isFloat ? onGpu(ort, backend.gpu.device, tensor) : onHost(ort, tensor);
  }
  return {
    tensors: kept,
    dispose() {
      for (const tensor of Object.values(kept)) tensor.dispose();
    },
  };
}

/** The numbers of a float tensor, which is then disposed. If it is on a GPU, that waits for all work that was sent before. */
export async function readFloats(tensor: OrtTensor): Promise<HostTensor> {
  if (tensor.location !== "cpu") await tensor.getData(true);
  return takeFloats(tensor);
}

function onHost(ort: Ort, { type, data, dims }: OrtTensor): OrtTensor {
  if (ArrayBuffer.isView(data)) return new ort.Tensor(type, data.slice(), dims);
  throw new Failure("internal", `Wanted numbers to keep, got ${type}.`);
}

/** The device's queue keeps the order, so nothing is waited for. */
function onGpu(ort: Ort, device: GPUDevice, tensor: OrtTensor): OrtTensor {
  const { dims, size: count } = tensor;
  const dataType = tensor.type === "float16" ? "float16" : "float32";
  const bytes = count * (dataType === "float16" ? 2 : 4);
  const size = Math.ceil(bytes / WORD_BYTES) * WORD_BYTES;
  const { STORAGE, COPY_DST, COPY_SRC } = BUFFER_USAGE;
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_DST | COPY_SRC });
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

function bytesOf(data: OrtTensor["data"]): Uint8Array {
  if (!ArrayBuffer.isView(data)) return new Uint8Array();
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
