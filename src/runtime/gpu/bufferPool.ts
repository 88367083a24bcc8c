/** GPU buffers that are used again: a sampler makes some six latents a step, all of one size. */

import { BUFFER_USAGE } from "../device/bufferUsage";

/** Uses of a buffer: "work" for kernels, copies and ONNX Runtime, "reading" to be mapped by the host. */
export type BufferUse = "work" | "reading";

/** Sizes are rounded up to so many bytes, so that neither a half word nor ONNX Runtime's vectors of four stick out. */
const GRAIN_BYTES = 16;
/** More than this is not kept for later. */
const IDLE_BYTES_MAX = 64 * 2 ** 20;

/**
 * Buffers by size. One that was given back may be taken again at once, even if the GPU has not yet done what was asked of
 * it: its queue keeps the order.
 */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #use: BufferUse;
  readonly #alive = new Set<GPUBuffer>();
  /** Least recently used first (LRU): those are evicted first. */
  readonly #idle = new Set<GPUBuffer>();
  #idleBytes = 0;
  /** Those that were there when memory ran short. */
  readonly #doubtful = new WeakSet<GPUBuffer>();
  readonly #onError = ({ error }: GPUUncapturedErrorEvent) => {
    if (error instanceof GPUOutOfMemoryError) this.#doubtAll();
  };

  constructor(device: GPUDevice, use: BufferUse) {
    this.#device = device;
    this.#use = use;
    device.addEventListener("uncapturederror", this.#onError);
  }

  /** False for a buffer that may be none: memory ran short, and the GPU does not tell for which it did. */
  isSound(buffer: GPUBuffer): boolean {
    return !this.#doubtful.has(buffer);
  }

  /** A buffer of at least so many bytes, with whatever it held before. */
  take(bytes: number): GPUBuffer {
    const size = Math.max(1, Math.ceil(bytes / GRAIN_BYTES)) * GRAIN_BYTES;
    for (const buffer of this.#idle)
      if (buffer.size === size) {
        this.#leaveIdle(buffer);
        return buffer;
      }
    const buffer = this.#device.createBuffer({ size, usage: usageOf(this.#use) });
    this.#alive.add(buffer);
    return buffer;
  }

  /** Back into the pool, or freed if it may be none; one that is not of this pool, or came back before, is left alone. */
  give(buffer: GPUBuffer): void {
    if (!this.#alive.has(buffer) || this.#idle.has(buffer)) return;
    if (!this.isSound(buffer)) {
      this.drop(buffer);
      return;
    }
    this.#idle.add(buffer);
    this.#idleBytes += buffer.size;
    for (const oldest of this.#idle) {
      if (this.#idleBytes <= IDLE_BYTES_MAX) return;
      this.#leaveIdle(oldest);
      this.drop(oldest);
    }
  }

  /** Frees a buffer that was taken and cannot be used again. */
  drop(buffer: GPUBuffer): void {
    if (this.#alive.delete(buffer)) buffer.destroy();
  }

  /** Frees all buffers, those in use too. */
  close(): void {
    this.#device.removeEventListener("uncapturederror", this.#onError);
    this.#clearIdle();
    for (const buffer of this.#alive) this.drop(buffer);
  }

  #doubtAll(): void {
    this.#clearIdle();
    for (const buffer of this.#alive) this.#doubtful.add(buffer);
  }

  #clearIdle(): void {
    for (const buffer of this.#idle) this.drop(buffer);
    this.#idle.clear();
    this.#idleBytes = 0;
  }

  #leaveIdle(buffer: GPUBuffer): void {
    this.#idle.delete(buffer);
    this.#idleBytes -= buffer.size;
  }
}

function usageOf(use: BufferUse): number {
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = BUFFER_USAGE;
  return use === "work" ? STORAGE | COPY_SRC | COPY_DST : MAP_READ | COPY_DST;
}
