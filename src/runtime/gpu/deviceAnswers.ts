/** Waiting for a GPU, which may be lost meanwhile, and reading from it. */

import { asFailure, Failure } from "../../core/failure";
import { MAP_MODE_READ } from "../device/bufferUsage";
import type { WatchedDevice } from "../device/device";
import { BufferPool } from "./bufferPool";

/** The GPU tells of its loss once it is through with what it compiles; so often is it asked for the news after an answer has failed. */
const NEWS_TRIES = 50;

/** Everything that the host ever waits for. */
export class DeviceAnswers {
  readonly #gpu: WatchedDevice;
  readonly #staging: BufferPool;
  /** To be called when the device is lost. One listener for all: a promise that lives on remembers whoever ever waited for it. */
  readonly #waiting = new Set<() => void>();
  #bytesRead = 0;
  #isDisposed = false;

  constructor(gpu: WatchedDevice) {
    this.#gpu = gpu;
    this.#staging = new BufferPool(gpu.device, "reading");
    void gpu.device.lost.then(() => {
      for (const stop of this.#waiting) stop();
    });
  }

  /** All bytes that were ever read. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Resolves when all work taken on so far is done. Rejects with "device-lost", "out-of-memory" or "internal" if it never will be. */
  done(): Promise<void> {
    return this.#answered(this.#gpu.device.queue.onSubmittedWorkDone());
  }

  /**
   * Bytes of a buffer as they are after all work taken on so far; the copy is taken on before this returns. Rejects as {@link done}.
   *
   * @param from and `bytes`: multiples of 4.
   */
  async read(buffer: GPUBuffer, from: number, bytes: number): Promise<ArrayBuffer> {
    this.#gpu.check();
    const { device } = this.#gpu;
    const staging = this.#staging.take(bytes);
    try {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, from, staging, 0, bytes);
      device.queue.submit([encoder.finish()]);
      await this.#answered(staging.mapAsync(MAP_MODE_READ, 0, bytes));
      const read = staging.getMappedRange(0, bytes).slice(0);
      staging.unmap();
      this.#staging.give(staging);
      this.#bytesRead += bytes;
      return read;
    } catch (error) {
      this.#staging.drop(staging);
      throw asFailure(error);
    }
  }

  /** Answers that are still awaited fail. */
  dispose(): void {
    this.#isDisposed = true;
    this.#staging.close();
  }

  /** Waits for an answer, or for the news that none will come; does not believe the answer of a device that is gone. */
  async #answered(answer: Promise<unknown>): Promise<void> {
    let stop = () => {};
    const lost = new Promise<void>((resolve) => {
      stop = resolve;
    });
    this.#waiting.add(stop);
    try {
      await Promise.race([answer, lost]);
    } catch (cause) {
      for (let i = 0; i < NEWS_TRIES && !this.#isDisposed; i++) await this.#gpu.checkAfterError();
      throw new Failure("internal", "The GPU gave no answer; load the model again.", { cause });
    } finally {
      this.#waiting.delete(stop);
    }
    this.#gpu.check();
  }
}
