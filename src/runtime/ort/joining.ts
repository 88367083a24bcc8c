/** Tensors put together, on the host or on the GPU that ONNX Runtime runs on: its queue keeps the order, so nothing is waited for. */

import type { Tensor } from "onnxruntime-web";
import { Failure } from "../../core/failure";
import { BUFFER_USAGE } from "../device/bufferUsage";
import type { Backend } from "../device/device";
import type { Ort } from "./engine";

/** Makes new f32 tensors of f32 tensors, which stay as they are. */
export interface TensorJoiner {
  /** [1, …] each -> [n, …] */
  batch(tensors: readonly Tensor[]): Tensor;
  /** [1, rows, a], [1, rows, b], … -> [1, rows, a + b + …] */
  widths(tensors: readonly Tensor[]): Tensor;
  /** Zeros of the same extents. */
  zeros(like: Tensor): Tensor;
}

/** Part of a tensor and where it goes in another, in numbers. */
interface Piece {
  readonly tensor: Tensor;
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

export function tensorJoiner(ort: Ort, backend: Backend): TensorJoiner {
  const make =
    backend.kind === "webgpu"
      ? (dims: readonly number[], pieces: readonly Piece[]) => onGpu(ort, backend.gpu.device, dims, pieces)
      : (dims: readonly number[], pieces: readonly Piece[]) => onHost(ort, dims, pieces);
  return {
    batch(tensors) {
      const [first] = tensors;
      const length = first?.size ?? 0;
      const pieces = tensors.map((tensor, row) => ({ tensor, from: 0, to: row * length, length }));
      return make([tensors.length, ...(first?.dims.slice(1) ?? [])], pieces);
    },
    widths(tensors) {
      const [, rows = 0] = tensors[0]?.dims ?? [];
      if (tensors.some(({ dims }) => dims[1] !== rows))
        throw new Failure("internal", "The text encoders were given texts of unlike lengths.");
      const widths = tensors.map(({ dims }) => dims[2] ?? 0);
      const width = widths.reduce((a, b) => a + b, 0);
      const pieces: Piece[] = [];
      for (let row = 0; row < rows; row++) {
        let to = row * width;
        for (const [i, tensor] of tensors.entries()) {
          const length = widths[i] ?? 0;
          pieces.push({ tensor, from: row * length, to, length });
          to += length;
        }
      }
      return make([1, rows, width], pieces);
    },
    zeros: ({ dims }) => make(dims, []),
  };
}

function onHost(ort: Ort, dims: readonly number[], pieces: readonly Piece[]): Tensor {
  const joined = new Float32Array(count(dims));
  for (const { tensor, from, to, length } of pieces) {
    const { data } = tensor;
    if (!(data instanceof Float32Array))
      throw new Failure("unsupported", "The text encoder gives no float32; its graph is of another kind.");
    joined.set(data.subarray(from, from + length), to);
  }
  return new ort.Tensor("float32", joined, dims);
}

function onGpu(ort: Ort, device: GPUDevice, dims: readonly number[], pieces: readonly Piece[]): Tensor {
  const bytes = Float32Array.BYTES_PER_ELEMENT;
  const { STORAGE, COPY_DST, COPY_SRC } = BUFFER_USAGE;
  const buffer = device.createBuffer({
    size: count(dims) * bytes, // zeros, as WebGPU makes them
    usage: STORAGE | COPY_DST | COPY_SRC,
  });
  const encoder = device.createCommandEncoder();
  for (const { tensor, from, to, length } of pieces)
    encoder.copyBufferToBuffer(tensor.gpuBuffer, from * bytes, buffer, to * bytes, length * bytes);
  device.queue.submit([encoder.finish()]);
  const dispose = () => buffer.destroy();
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims, dispose });
}

function count(dims: readonly number[]): number {
  return dims.reduce((a, b) => a * b, 1);
}
