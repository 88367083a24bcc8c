/** Passes over GPU buffers: what goes into a network and comes out of it is allocated once for a size, and nothing is waited for. */

import { type LatentScale, unscaling } from "../../checkpoint/config/latentScale";
import { Failure } from "../../core/failure";
import { elementCount } from "../../core/tensor";
import type { DeviceTensor } from "../../pipeline/ports";
import type { WatchedDevice } from "../device/device";
import { GpuLatentDevice } from "../gpu/gpuLatentDevice";
import type { Ort } from "../ort/engine";
import { enqueue } from "../ort/queue";
import type { Session } from "../ort/session";
import type { OrtTensor } from "../ort/tensors";
import { countOf, type NetworkRunner, type Question } from "./networkRunner";

/** A float32 tensor over a buffer of the latent device's pool. */
interface Kept {
  readonly buffer: GPUBuffer;
  readonly tensor: OrtTensor;
}

/** The inputs and outputs of one pass, allocated for one size. */
interface PassBuffers {
  /** Names of the latent and of the prediction in the U-Net's graph, and of the numbers beside them. */
  readonly inputs: ReadonlyMap<string, Kept>;
  readonly prediction: Kept;
  /** Of the prediction, one for each text. */
  readonly rows: readonly DeviceTensor[];
}

const SAMPLE = "sample";

/** Of one model; {@link dispose} gives its latent device back too. */
export class GpuNetworkRunner implements NetworkRunner {
  readonly latentDevice: GpuLatentDevice;
  readonly #ort: Ort;
  readonly #gpu: WatchedDevice;
  /** Of one size of latent: by the texts that are asked about at once, and the pass of the step. */
  readonly #passes = new Map<string, PassBuffers>();
  #size = "";
  #planes: OrtTensor | null = null;

  constructor(ort: Ort, gpu: WatchedDevice) {
    this.#ort = ort;
    this.#gpu = gpu;
    this.latentDevice = new GpuLatentDevice(gpu);
  }

  async predict(session: Session, question: Question, slot: number): Promise<readonly DeviceTensor[]> {
    const { latents, texts } = question;
    const n = countOf(texts);
    const { inputs, prediction, rows } = this.#buffersFor(session, latents.dims, n, slot);
    const numbers: Readonly<Record<string, ArrayLike<number> | null>> = {
      timestep: [question.timestep],
      time_ids: question.extras.timeIds,
      timestep_cond: question.extras.timestepCond,
    };
    const feeds: Record<string, OrtTensor> = { encoder_hidden_states: texts.hidden };
    if (texts.pooled !== null && session.inputs.includes("text_embeds")) feeds["text_embeds"] = texts.pooled;
    for (const [name, { buffer, tensor }] of inputs) {
      feeds[name] = tensor;
      const row = numbers[name];
      if (name === SAMPLE) this.latentDevice.write(latents, { buffer, dtype: "float32", copies: n });
      else if (row) this.#gpu.device.queue.writeBuffer(buffer, 0, inRows(row, n));
    }
    await session.runInto(feeds, { [outputOf(session)]: prediction.tensor });
    return rows;
  }

  async decode(session: Session, latents: DeviceTensor, scale: LatentScale): Promise<DeviceTensor> {
    const input = this.#keep(latents.dims);
    try {
      this.latentDevice.write(
        latents,
        { buffer: input.buffer, dtype: "float32", copies: 1 },
        unscaling(scale),
      );
      await this.#dropPlanes();
      this.#planes = await session.run({ latent_sample: input.tensor });
    } finally {
      this.latentDevice.buffers.give(input.buffer);
    }
    const { type: dtype, dims, gpuBuffer } = this.#planes;
    if (dtype !== "float32" && dtype !== "float16")
      throw new Failure("unsupported", `A decoder gave ${dtype}; wanted float32 or float16.`);
    return this.latentDevice.view(gpuBuffer, { dtype, dims, offset: 0 });
  }

  recover(): Promise<void> {
    return this.#gpu.recover();
  }

  dispose(): void {
    void this.#dropPlanes().catch(() => undefined);
    this.#forget();
    this.latentDevice.dispose();
  }

  /** In the queue, since ONNX Runtime is not to be spoken to during a run. */
  async #dropPlanes(): Promise<void> {
    const planes = this.#planes;
    this.#planes = null;
    if (planes) await enqueue(() => planes.dispose());
  }

  #buffersFor({ ports }: Session, dims: readonly number[], n: number, slot: number): PassBuffers {
    const size = dims.join("x");
    if (size !== this.#size || !this.#areSound()) this.#forget();
    this.#size = size;
    const key = `${n} texts, pass ${slot}`;
    const known = this.#passes.get(key);
    if (known) return known;
    const inputs = new Map<string, Kept>();
    for (const { name, shape } of ports.inputs) {
      const width = shape[1];
      if (name === SAMPLE) inputs.set(name, this.#keep([n, ...dims.slice(1)]));
      else if (name === "timestep") inputs.set(name, this.#keep([n]));
      else if (OF_EXTRAS.includes(name) && typeof width === "number")
        inputs.set(name, this.#keep([n, width]));
    }
    const prediction = this.#keep([n, ...dims.slice(1)]);
    const rows = Array.from({ length: n }, (_, row) =>
      this.latentDevice.view(prediction.buffer, { dtype: "float32", dims, offset: row * elementCount(dims) }),
    );
    const buffers = { inputs, prediction, rows };
    this.#passes.set(key, buffers);
    return buffers;
  }

  #keep(dims: readonly number[]): Kept {
    const buffer = this.latentDevice.buffers.take(elementCount(dims) * Float32Array.BYTES_PER_ELEMENT);
    return { buffer, tensor: this.#ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims }) };
  }

  /** False after a want of memory: any of the buffers may be the one for which there was none. */
  #areSound(): boolean {
    return [...this.#passes.values()].every(({ prediction }) =>
      this.latentDevice.buffers.isSound(prediction.buffer),
    );
  }

  /** Latents of another size are drawn now, or with new buffers. */
  #forget(): void {
    for (const { inputs, prediction } of this.#passes.values())
      for (const { buffer } of [...inputs.values(), prediction]) this.latentDevice.buffers.give(buffer);
    this.#passes.clear();
  }
}

/** Inputs of fixed width that the pipeline gives as numbers. */
const OF_EXTRAS: readonly string[] = ["time_ids", "timestep_cond"];

function outputOf({ ports }: Session): string {
  const [output] = ports.outputs;
  if (output) return output.name;
  throw new Failure("internal", "The U-Net has no output.");
}

function inRows(numbers: ArrayLike<number>, n: number): Float32Array<ArrayBuffer> {
  const all = new Float32Array(n * numbers.length);
  for (let row = 0; row < n; row++) all.set(numbers, row * numbers.length);
  return all;
}
