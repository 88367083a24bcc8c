/** Text embeddings that stay where the text encoder left them, and pairs of them joined for guidance. */

import type { Tensor } from "onnxruntime-web";
import { Failure } from "../core/failure";
import type { Embeddings } from "../pipeline/ports";
import type { Backend } from "./device";
import type { Ort } from "./engine";
import { enqueue } from "./queue";

/** Flags of the WebGPU specification, which TypeScript's library leaves out. */
declare const GPUBufferUsage: Readonly<Record<"STORAGE" | "COPY_SRC" | "COPY_DST", number>>;

/** One text [1, tokens, width], on the host or in a GPU buffer. */
export class TextEmbeddings implements Embeddings {
  readonly tokens: number;
  readonly #tensor: Tensor;
  readonly #onDispose: (self: TextEmbeddings) => void;
  #disposed = false;

  constructor(tensor: Tensor, onDispose: (self: TextEmbeddings) => void) {
    this.tokens = tensor.dims[1] ?? 0;
    this.#tensor = tensor;
    this.#onDispose = onDispose;
  }

  get tensor(): Tensor {
    if (this.#disposed) throw new Failure("internal", "Text embeddings were used after they were disposed.");
    return this.#tensor;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#onDispose(this);
    disposeLater(this.#tensor);
  }
}

/** All texts of one model that are alive, and the last batch made of some of them: a sampler asks for the same at each step. */
export class TextShelf {
  readonly #alive = new Set<TextEmbeddings>();
  readonly #ort: Ort;
  readonly #device: GPUDevice | null;
  #batch: { readonly texts: readonly TextEmbeddings[]; readonly tensor: Tensor } | null = null;

  constructor(ort: Ort, backend: Backend) {
    this.#ort = ort;
    this.#device = backend.kind === "webgpu" ? backend.gpu.device : null;
  }

  /** Takes over a text encoder's output [1, tokens, width]. */
  add(tensor: Tensor): TextEmbeddings {
    const text = new TextEmbeddings(tensor, (gone) => {
      this.#alive.delete(gone);
      if (this.#batch?.texts.includes(gone)) this.#dropBatch();
    });
    this.#alive.add(text);
    return text;
  }

  /** The text that an opaque handle stands for. */
  find(handle: Embeddings): TextEmbeddings {
    if (handle instanceof TextEmbeddings && this.#alive.has(handle)) return handle;
    throw new Failure("internal", "Text embeddings of another model, or disposed ones, were used.");
  }

  /** Texts of equal length -> [texts, tokens, width]; stays the shelf's, until other texts are asked for or one is disposed. */
  batchOf(texts: readonly TextEmbeddings[]): Tensor {
    const [only] = texts;
    if (only && texts.length === 1) return only.tensor;
    const known = this.#batch;
    if (known?.texts.length === texts.length && known.texts.every((text, i) => text === texts[i]))
      return known.tensor;
    this.#dropBatch();
    const tensors = texts.map((text) => text.tensor);
    const tensor = this.#device
      ? joinOnGpu(this.#ort, this.#device, tensors)
      : joinOnHost(this.#ort, tensors);
    this.#batch = { texts, tensor };
    return tensor;
  }

  disposeAll(): void {
    for (const text of [...this.#alive]) text.dispose();
  }

  #dropBatch(): void {
    if (this.#batch) disposeLater(this.#batch.tensor);
    this.#batch = null;
  }
}

/** A run in progress may still read the tensor, so its end waits its turn. On a lost device there is nothing left to free. */
function disposeLater(tensor: Tensor): void {
  void enqueue(() => tensor.dispose()).catch(() => undefined);
}

function joinedDims(tensors: readonly Tensor[]): number[] {
  return [tensors.length, ...(tensors[0]?.dims.slice(1) ?? [])];
}

function joinOnHost(ort: Ort, tensors: readonly Tensor[]): Tensor {
  const rows = tensors.map(({ data }) => {
    if (data instanceof Float32Array) return data;
    throw new Failure("unsupported", "The text encoder gives no float32; its graph is of another kind.");
  });
  const joined = new Float32Array(rows.reduce((length, row) => length + row.length, 0));
  let offset = 0;
  for (const row of rows) {
    joined.set(row, offset);
    offset += row.length;
  }
  return new ort.Tensor("float32", joined, joinedDims(tensors));
}

/** Copies on the device that ONNX Runtime runs on: its queue keeps the order, so nothing is waited for. */
function joinOnGpu(ort: Ort, device: GPUDevice, tensors: readonly Tensor[]): Tensor {
  const rowBytes = (tensors[0]?.size ?? 0) * Float32Array.BYTES_PER_ELEMENT;
  const buffer = device.createBuffer({
    size: rowBytes * tensors.length,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  const encoder = device.createCommandEncoder();
  for (const [row, tensor] of tensors.entries())
    encoder.copyBufferToBuffer(tensor.gpuBuffer, 0, buffer, row * rowBytes, rowBytes);
  device.queue.submit([encoder.finish()]);
  const dispose = () => buffer.destroy();
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims: joinedDims(tensors), dispose });
}
