/** Passes of an ONNX folder over GPU buffers, in whatever dtypes its graphs want: nothing that is large leaves the GPU, or goes there twice. */

import { type LatentScale, unscaling } from "../../../checkpoint/config/latentScale";
import type { Port } from "../../../checkpoint/onnx/onnxFile";
import type { DecoderPorts, UnetPorts } from "../../../checkpoint/onnx/ports";
import { Failure } from "../../../core/failure";
import { elementCount } from "../../../core/tensor";
import type { DeviceTensor } from "../../../pipeline/ports";
import type { GpuLatentDevice } from "../../gpu/gpuLatentDevice";
import type { Ort } from "../../ort/engine";
import { enqueue } from "../../ort/queue";
import type { Session } from "../../ort/session";
import type { OrtTensor } from "../../ort/tensors";
import type { GpuNetworkRunner } from "../gpuNetworkRunner";
import { onHostInput } from "./feeding";
import { first, type OnnxQuestion, type OnnxRunner } from "./onnxRunner";

type FloatType = "float32" | "float16";

/** A tensor over a buffer of the latent device's pool. */
interface Kept {
  readonly buffer: GPUBuffer;
  readonly tensor: OrtTensor;
}

/** Tensors of a pass that stay on the GPU until the next pass of its slot. */
interface Slot {
  /** Texts, and where they were written. */
  texts: { readonly hidden: OrtTensor; readonly kept: Kept } | null;
  output: OrtTensor | null;
}

/** Of one folder, on the latent device of `plain`, which its maker disposes after this. */
export class GpuOnnxRunner implements OnnxRunner {
  readonly latentDevice: GpuLatentDevice;
  readonly #ort: Ort;
  readonly #plain: GpuNetworkRunner;
  readonly #slots = new Map<number | "decoder", Slot>();

  constructor(ort: Ort, plain: GpuNetworkRunner) {
    this.#ort = ort;
    this.#plain = plain;
    this.latentDevice = plain.latentDevice;
  }

  async predict(
    session: Session,
    { sample, hidden: port, output }: UnetPorts,
    { latents, hidden, besides }: OnnxQuestion,
    slot: number,
  ): Promise<readonly DeviceTensor[]> {
    const n = hidden.dims[0] ?? 1;
    const texts = this.#texts(this.#slot(slot), port, hidden);
    const input = this.#keep(sample, [n, ...latents.dims.slice(1)]);
    this.latentDevice.write(latents, { buffer: input.buffer, dtype: floatType(sample), copies: n });
    const feeds = { ...besides, [sample.name]: input.tensor, [port.name]: texts.tensor };
    const { dims, view } = await this.#run(slot, input, () => session.runFor(feeds, [output]));
    const row = [1, ...dims.slice(1)];
    return Array.from({ length: n }, (_, i) => view(row, i * elementCount(row)));
  }

  async decode(
    session: Session,
    { latents: port, batch, output }: DecoderPorts,
    latents: DeviceTensor,
    scale: LatentScale,
  ): Promise<DeviceTensor> {
    const copies = batch ?? 1;
    const input = this.#keep(port, [copies, ...latents.dims.slice(1)]);
    this.latentDevice.write(
      latents,
      { buffer: input.buffer, dtype: floatType(port), copies },
      unscaling(scale),
    );
    const feeds = { [port.name]: input.tensor };
    const { dims, view } = await this.#run("decoder", input, () => session.runFor(feeds, [output]));
    return view([1, ...dims.slice(1)], 0);
  }

  recover(): Promise<void> {
    return this.#plain.recover();
  }

  dispose(): void {
    for (const { output } of this.#slots.values())
      if (output) void enqueue(() => output.dispose()).catch(() => undefined);
    this.#slots.clear();
  }

  /** Runs on `input`, which is given back, and keeps the output until the next run of the slot. */
  async #run(key: number | "decoder", input: Kept, run: () => Promise<readonly OrtTensor[]>) {
    const slot = this.#slot(key);
    const before = slot.output;
    slot.output = null;
    try {
      if (before) await enqueue(() => before.dispose()); // ONNX Runtime is not to be spoken to during a run
      slot.output = first(await run());
    } finally {
      this.latentDevice.buffers.give(input.buffer);
    }
    const { type, dims, gpuBuffer } = slot.output;
    const dtype = floatType({ name: "its output", type });
    const view = (extents: readonly number[], offset: number) =>
      this.latentDevice.view(gpuBuffer, { dtype, dims: extents, offset });
    return { dims, view };
  }

  /** Texts on the GPU, in the dtype that the graph wants; written when they change. */
  #texts(slot: Slot, port: Port, hidden: OrtTensor): Kept {
    if (slot.texts?.hidden === hidden) return slot.texts.kept;
    if (slot.texts) this.latentDevice.buffers.give(slot.texts.kept.buffer);
    const kept = this.#keep(port, hidden.dims);
    const { dims, data } = onHostInput(hidden);
    this.latentDevice.write({ dims, data }, { buffer: kept.buffer, dtype: floatType(port), copies: 1 });
    slot.texts = { hidden, kept };
    return kept;
  }

  #slot(key: number | "decoder"): Slot {
    const known = this.#slots.get(key);
    if (known) return known;
    const slot: Slot = { texts: null, output: null };
    this.#slots.set(key, slot);
    return slot;
  }

  #keep(port: Pick<Port, "name" | "type">, dims: readonly number[]): Kept {
    const dataType = floatType(port);
    const buffer = this.latentDevice.buffers.take(elementCount(dims) * (dataType === "float32" ? 4 : 2));
    return { buffer, tensor: this.#ort.Tensor.fromGpuBuffer(buffer, { dataType, dims }) };
  }
}

function floatType({ name, type }: Pick<Port, "name" | "type">): FloatType {
  if (type === "float32" || type === "float16") return type;
  throw new Failure("unsupported", `${name} is ${type}; wanted float32 or float16.`);
}
