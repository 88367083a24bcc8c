/** Where latents and planes are kept when the networks run on a GPU: on that same device, beside ONNX Runtime's own buffers. */

import type { Affine } from "../../checkpoint/config/latentScale";
import { Failure } from "../../core/failure";
import { brokenLevel, type Rgba } from "../../core/pixels";
import { elementCount, type HostTensor } from "../../core/tensor";
import type { DeviceTensor, LatentDevice, LatentScope } from "../../pipeline/ports";
import type { WatchedDevice } from "../device/device";
import { BufferPool } from "./bufferPool";
import { DeviceAnswers } from "./deviceAnswers";
import { GpuLatentScope } from "./gpuLatentScope";
import { KernelRunner } from "./kernelRunner";
import { flawOf, pixelKernel } from "./pixelKernel";
import { boundTo, bytesOf, type GpuTensor, TensorTable } from "./tensorTable";
import type { FloatType } from "./wgsl";
import { writeKernel } from "./writeKernel";

type RgbMap = Parameters<LatentDevice["rgba"]>[1];

/** Where to write to, from the buffer's start. */
export interface WriteTarget {
  readonly buffer: GPUBuffer;
  readonly dtype: FloatType;
  /** So many copies, one behind the other. */
  readonly copies: number;
}

/**
 * The latent device of networks on WebGPU. Only `rgba` and `read` read anything back. All other methods but `done` only submit work;
 * `done` rejects if the device fails at it.
 */
export class GpuLatentDevice implements LatentDevice {
  /** Buffers that kernels and networks may share: STORAGE, COPY_SRC, COPY_DST. */
  readonly buffers: BufferPool;
  readonly #gpu: WatchedDevice;
  readonly #runner: KernelRunner;
  readonly #table: TensorTable;
  readonly #answers: DeviceAnswers;

  constructor(gpu: WatchedDevice) {
    this.#gpu = gpu;
    this.buffers = new BufferPool(gpu.device, "work");
    this.#runner = new KernelRunner(gpu.device);
    this.#table = new TensorTable(this.buffers);
    this.#answers = new DeviceAnswers(gpu);
  }

  /** All bytes that were ever read back. */
  get bytesRead(): number {
    return this.#answers.bytesRead;
  }

  /** @throws {Failure} "bad-request" for a seed outside 0 … 2^64 − 1; "device-lost" and the like. */
  open(dims: readonly number[], seed: bigint): LatentScope {
    this.#gpu.check();
    return new GpuLatentScope(this.#runner, this.#table, dims, seed);
  }

  async rgba(tensor: DeviceTensor | HostTensor, map: RgbMap): Promise<Rgba> {
    const channels = map?.matrix.length ?? 3;
    const [batch, depth, heightPx = 0, widthPx = 0] = tensor.dims;
    if (tensor.dims.length !== 4 || batch !== 1 || depth !== channels)
      throw new Failure(
        "internal",
        `Pixels want a tensor [1, ${channels}, h, w], got [${tensor.dims.join(", ")}].`,
      );
    const source = this.#onGpu(tensor);
    const area = heightPx * widthPx;
    const rows = map ? [map.bias, ...map.matrix] : [];
    const words = this.buffers.take(4 * area);
    this.#runner.run({
      kernel: pixelKernel(source.dtype, map && channels),
      buffers: [boundTo(source), { buffer: words, bytes: 4 * area }],
      wholes: [area, source.offset],
      reals: rows.flatMap((row) => [...row, 0]),
      invocations: area,
    });
    if (source !== tensor) this.#table.release(source);
    const reading = this.#answers.read(words, 0, 4 * area);
    this.buffers.give(words);
    const bytes = await reading;
    const flaw = flawOf(new Uint32Array(bytes));
    if (flaw !== null) throw brokenLevel(flaw);
    return { widthPx, heightPx, bytes: new Uint8ClampedArray(bytes) };
  }

  async read(tensor: DeviceTensor | HostTensor): Promise<HostTensor> {
    if ("data" in tensor) return tensor;
    const { dims, buffer, dtype, offset } = this.#table.find(tensor);
    const bytes = bytesOf("float32", elementCount(dims));
    if (dtype === "float32")
      return {
        dims,
        data: new Float32Array(await this.#answers.read(buffer, bytesOf(dtype, offset), bytes)),
      };
    const wide = this.buffers.take(bytes);
    this.write(tensor, { buffer: wide, dtype: "float32", copies: 1 });
    const reading = this.#answers.read(wide, 0, bytes);
    this.buffers.give(wide);
    return { dims, data: new Float32Array(await reading) };
  }

  done(): Promise<void> {
    return this.#answers.done();
  }

  /** The tensor that a handle stands for. @throws {Failure} "internal" for a tensor of another latent device, or one that was released. */
  find(tensor: DeviceTensor): GpuTensor {
    return this.#table.find(tensor);
  }

  /** A tensor over somebody else's buffer, as a U-Net's output is; it need not be released, and releasing it frees nothing. */
  view(buffer: GPUBuffer, place: Omit<GpuTensor, "buffer">): GpuTensor {
    return this.#table.view(buffer, place);
  }

  /**
   * Writes a tensor where a network wants it; float16 is rounded to nearest.
   *
   * @param from of this latent device, or a host tensor.
   * @param affine one for all numbers, or one for each channel of [1, channels, …].
   */
  write(
    from: DeviceTensor | HostTensor,
    { buffer, dtype, copies }: WriteTarget,
    affine: readonly Affine[] = [{ scale: 1, shift: 0 }],
  ): void {
    const source = this.#onGpu(from);
    const count = elementCount(source.dims);
    const total = count * copies;
    if (!Number.isInteger(count / affine.length))
      throw new Failure(
        "internal",
        `Wanted a scale for each channel of [${source.dims.join(", ")}], got ${affine.length}.`,
      );
    const invocations = dtype === "float32" ? total : Math.ceil(total / 2);
    this.#runner.run({
      kernel: writeKernel(source.dtype, dtype, affine.length),
      buffers: [boundTo(source), { buffer, bytes: bytesOf(dtype, total) }],
      wholes: [invocations, source.offset, count, count / affine.length],
      reals: affine.flatMap(({ scale, shift }) => [scale, shift, 0, 0]),
      invocations,
    });
    if (source !== from) this.#table.release(source);
  }

  /** Gives all buffers back, those of scopes that are still open too. */
  dispose(): void {
    this.#answers.dispose();
    this.#runner.dispose();
    this.buffers.close();
  }

  /** The tensor itself if it is on this GPU, else a copy of it that is. */
  #onGpu(tensor: DeviceTensor | HostTensor): GpuTensor {
    if (!("data" in tensor)) return this.#table.find(tensor);
    const copy = this.#table.make(tensor.dims);
    this.#gpu.device.queue.writeBuffer(copy.buffer, 0, tensor.data);
    return copy;
  }
}
