/** Numbers as an ONNX folder's networks want them: how many at a time, of which extents, in which dtype. */

import type { Port } from "../../../checkpoint/onnx/onnxFile";
import { extentOf, type TextPorts, type UnetPorts, wanting } from "../../../checkpoint/onnx/ports";
import { Failure } from "../../../core/failure";
import { elementCount, type HostTensor } from "../../../core/tensor";
import type { EncoderText, UnetExtras } from "../../../pipeline/ports";
import type { Feeds, HostInput } from "../../ort/tensors";
import type { TextEmbeddings, TextTensors } from "../embeddingCache";

/** Texts that go through the U-Net together; those beyond `wanted` only fill up the fixed batch of its graph. */
export interface Batch {
  readonly texts: readonly TextEmbeddings[];
  readonly wanted: number;
}

/**
 * @param fixed how many the graph takes at a time; null if any number.
 * @param joined whether all may go together, if any number may and they have one length.
 */
export function batchesOf(texts: readonly TextEmbeddings[], fixed: number | null, joined: boolean): Batch[] {
  const haveOneLength = texts.every(({ tokens }) => tokens === texts[0]?.tokens);
  const size = (joined || fixed !== null) && haveOneLength ? (fixed ?? texts.length) : 1;
  const batches: Batch[] = [];
  for (let at = 0; at < texts.length; at += size) {
    const some = texts.slice(at, at + size);
    const length = fixed ?? some.length;
    const filled = Array.from({ length }, (_, i) => some[Math.min(i, some.length - 1)]);
    batches.push({ texts: filled.filter((text) => text !== undefined), wanted: some.length });
  }
  return batches;
}

/** One text for a text encoder. @throws {Failure} "bad-request" if the graph has another fixed number of tokens. */
export function textFeeds(network: string, { ids: port, batch }: TextPorts, { ids }: EncoderText): Feeds {
  const tokens = extentOf(port, 1);
  if (tokens !== null && tokens !== ids.length)
    throw new Failure("bad-request", `${wanting(network, port)}; the prompt has ${ids.length} tokens.`);
  const n = batch ?? 1;
  const data = new Int32Array(n * ids.length);
  for (let row = 0; row < n; row++) data.set(ids, row * ids.length);
  return { [port.name]: { dims: [n, ids.length], data } };
}

/**
 * The inputs of a U-Net beside latents and hidden states, for a batch of texts: one timestep and one set of extras.
 *
 * @throws {Failure} "internal" if the U-Net wants what the pipeline did not give.
 */
export function besides(
  ports: UnetPorts,
  timestep: number,
  { hidden, pooled }: TextTensors,
  { timeIds, timestepCond }: UnetExtras,
): Feeds {
  const n = hidden.dims[0] ?? 1;
  const feeds: Record<string, HostInput> = { [ports.timestep.name]: timestepInput(ports, timestep, n) };
  const add = (port: Port | null, input: HostInput | null) => {
    if (!port) return;
    if (!input) throw new Failure("internal", `${wanting("unet", port)}, and there is none.`);
    feeds[port.name] = input;
  };
  const row = (numbers: ArrayLike<number> | null) =>
    numbers && repeated({ dims: [1, numbers.length], data: Float32Array.from(numbers) }, n);
  add(ports.textEmbeds, pooled && onHostInput(pooled));
  add(ports.timeIds, row(timeIds));
  add(ports.timestepCond, row(timestepCond));
  return feeds;
}

/** A graph that takes whole timesteps gets the nearest one. */
function timestepInput({ timestep: port, sample }: UnetPorts, timestep: number, n: number): HostInput {
  const isWhole = port.type.startsWith("int");
  const [extent] = port.shape;
  // A free extent that is called the batch, or what the latents call theirs, may be enforced; `steps` is one.
  const isBatch =
    typeof extent === "number" ? extent > 1 : extent === sample.shape[0] || /batch/.test(extent ?? "");
  const dims = extent === undefined ? [] : [isBatch ? n : 1];
  const numbers = new Array<number>(elementCount(dims)).fill(isWhole ? Math.round(timestep) : timestep);
  return { dims, data: isWhole ? Int32Array.from(numbers) : Float32Array.from(numbers) };
}

/** Text embeddings as they were left, in f32. */
export function onHostInput({ dims, data }: TextTensors["hidden"]): HostTensor {
  if (data instanceof Float32Array) return { dims, data: data as Float32Array<ArrayBuffer> };
  throw new Failure("internal", "Text embeddings of an ONNX folder are not where they were left.");
}

/** [1, …] -> [n, …] of the same. */
export function repeated({ dims, data }: HostInput & { readonly data: Float32Array }, n: number): HostTensor {
  const all = new Float32Array(n * data.length);
  for (let row = 0; row < n; row++) all.set(data, row * data.length);
  return { dims: [n, ...dims.slice(1)], data: all };
}

/** [n, …] -> the first `wanted` of n views of [1, …]. */
export function rowsOf({ dims: [n = 0, ...rest], data }: HostTensor, wanted: number): HostTensor[] {
  const length = data.length / n;
  return Array.from({ length: wanted }, (_, row) => ({
    dims: [1, ...rest],
    data: data.subarray(row * length, (row + 1) * length),
  }));
}

/** @throws {Failure} "bad-request" for latents of a size that the graph was not made for. */
export function refuseSize(network: string, port: Port, dims: readonly number[]): void {
  const isOther = [1, 2, 3].some(
    (axis) => extentOf(port, axis) !== null && extentOf(port, axis) !== dims[axis],
  );
  if (isOther)
    throw new Failure(
      "bad-request",
      `${wanting(network, port)}, one size only, and got latents [${dims.join(", ")}]. Choose the size that the model was made for.`,
    );
}
