/** Floats in GPU buffers, and which of them are still good. */

import { Failure } from "../../core/failure";
import { elementCount } from "../../core/tensor";
import type { DeviceTensor } from "../../pipeline/ports";
import type { BufferPool } from "./bufferPool";
import type { FloatType } from "./wgsl";

/** A dense tensor in C order, somewhere in a buffer. */
export interface GpuTensor extends DeviceTensor {
  readonly buffer: GPUBuffer;
  readonly dtype: FloatType;
  /** Where it begins, in numbers of its dtype. */
  readonly offset: number;
}

/** So many numbers of a dtype take up so many bytes. */
export function bytesOf(dtype: FloatType, count: number): number {
  return count * (dtype === "float32" ? 4 : 2);
}

/** The part of a tensor's buffer that a kernel binds: all before the tensor's end, since a binding may not begin anywhere. */
export function boundTo({ buffer, dtype, dims, offset }: GpuTensor): { buffer: GPUBuffer; bytes: number } {
  return { buffer, bytes: bytesOf(dtype, offset + elementCount(dims)) };
}

/** The tensors of one latent device: its own, in buffers of a pool, and views of buffers that others own. */
export class TensorTable {
  readonly #buffers: BufferPool;
  readonly #own = new WeakMap<DeviceTensor, GpuTensor>();
  readonly #views = new WeakMap<DeviceTensor, GpuTensor>();

  constructor(buffers: BufferPool) {
    this.#buffers = buffers;
  }

  /** A tensor of f32, with whatever its buffer held before; to be released. */
  make(dims: readonly number[]): GpuTensor {
    const buffer = this.#buffers.take(bytesOf("float32", elementCount(dims)));
    const tensor: GpuTensor = { dims, buffer, dtype: "float32", offset: 0 };
    this.#own.set(tensor, tensor);
    return tensor;
  }

  view(buffer: GPUBuffer, { dtype, dims, offset }: Omit<GpuTensor, "buffer">): GpuTensor {
    const tensor: GpuTensor = { dims, buffer, dtype, offset };
    this.#views.set(tensor, tensor);
    return tensor;
  }

  /** @throws {Failure} "internal" for a tensor that is not in this table, or was released. */
  find(tensor: DeviceTensor): GpuTensor {
    const found = this.#own.get(tensor) ?? this.#views.get(tensor);
    if (found) return found;
    throw new Failure(
      "internal",
      `Wanted a tensor that is on this GPU, got one [${tensor.dims.join(", ")}] that was released or is kept elsewhere.`,
    );
  }

  isView(tensor: DeviceTensor): boolean {
    return this.#views.has(tensor);
  }

  /** Takes back what {@link make} made. @throws {Failure} "internal" as {@link find}. */
  release(tensor: DeviceTensor): void {
    const { buffer } = this.find(tensor);
    if (this.#own.delete(tensor)) this.#buffers.give(buffer);
  }
}
