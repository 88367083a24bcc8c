/** Shared by the tests of tiling: decoders by themselves, smooth latents, and an eye for seams. */

import { bindWeights } from "../../../checkpoint/graph/binding";
import { readHeader } from "../../../checkpoint/weights/safetensors";
import { parameterOf } from "../../../checkpoint/weights/weightFiles";
import { elementCount, type HostTensor } from "../../../core/tensor";
import type { Backend } from "../../device/device";
import type { Engine } from "../../ort/engine";
import { mountWeights } from "../../ort/mountWeights";
import { openSession } from "../../ort/session";
import { takeFloats } from "../../ort/tensors";
import type { Span, TilePlan } from "./tilePlan";

const NAME = "vae_decoder";

/** A decoder that is open. */
export interface Decoder {
  decode(latents: HostTensor): Promise<HostTensor>;
  release(): Promise<void>;
}

/** @param weights a safetensors file. @param graph the ONNX file that wants them. */
export async function openDecoder(
  engine: Engine,
  backend: Backend,
  weights: Blob,
  graph: Blob,
): Promise<Decoder> {
  const header = await readHeader(weights, NAME);
  const parameters = new Map([...header].map(([name, tensor]) => [name, parameterOf(weights, tensor)]));
  const bound = bindWeights(NAME, new Uint8Array(await graph.arrayBuffer()), parameters);
  const { mounts } = await mountWeights(NAME, bound, {});
  const session = await openSession(engine, backend, {
    name: NAME,
    model: bound.model,
    mounts,
    output: "host",
  });
  return {
    decode: async (latent_sample) => takeFloats(await session.run({ latent_sample })),
    release: () => session.release(),
  };
}

/** Latents [1, c, h, w] about as large as real ones, that change slowly: waves of several lengths across each other. */
export function smoothLatents(channels: number, height: number, width: number): HostTensor {
  const dims = [1, channels, height, width];
  const data = new Float32Array(elementCount(dims)).map((_, i) => {
    const [x, y, c] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    return Math.sin(0.31 * x + 0.17 * y + 1.3 * c) + 0.7 * Math.cos(0.23 * y - 0.41 * x + 2.1 * c * c);
  });
  return { dims, data };
}

/** Tiles side by side, that share nothing and fade nowhere: what a seam is. */
export function bareTiles(height: number, width: number): TilePlan {
  const bare = (side: number): readonly Span[] => [
    { start: 0, fade: [0, 0] },
    { start: side, fade: [side, side] },
  ];
  return { height, width, rows: bare(height), columns: bare(width) };
}

/** The steps that an eye would see along the lines where one tile takes over from another. */
export interface Seam {
  /** The greatest step from a line to the next of what is not as in the whole, over the greatest one away from there. */
  readonly error: number;
  /** By how much the picture steps more than the whole does there, at most, over the 99th percentile of the whole's steps. */
  readonly step: number;
}

/** @param tiled planes [1, 3, H, W]. @param whole the same, decoded in one piece. */
export function seamOf(
  tiled: HostTensor,
  whole: HostTensor,
  { height, width, rows, columns }: TilePlan,
): Seam {
  const [down, across] = [
    seamAlong(2, tiled, whole, { side: height, spans: rows }),
    seamAlong(3, tiled, whole, { side: width, spans: columns }),
  ];
  return { error: Math.max(down.error, across.error), step: Math.max(down.step, across.step) };
}

function seamAlong(
  axis: number,
  tiled: HostTensor,
  whole: HostTensor,
  { side, spans }: { readonly side: number; readonly spans: readonly Span[] },
): Seam {
  const factor = (whole.dims[axis] ?? 0) / ((spans.at(-1)?.start ?? 0) + side);
  const isFading = (line: number) =>
    spans.slice(1).some(({ fade: [from, to] }) => line >= from * factor && line <= to * factor);
  const difference = { dims: whole.dims, data: tiled.data.map((value, i) => value - (whole.data[i] ?? 0)) };
  const errors = steps(difference, axis);
  const usual = steps(whole, axis);
  const more = steps(tiled, axis).map((step, line) => step - (usual[line] ?? 0));
  const greatest = (values: readonly number[], fading: boolean) =>
    Math.max(...values.filter((_, line) => isFading(line + 1) === fading));
  return {
    error: greatest(errors, true) / greatest(errors, false),
    step: greatest(more, true) / percentile(usual, 0.99),
  };
}

/** Mean |step| from each line along an axis to the next, over all channels and the line's length. */
function steps({ dims, data }: HostTensor, axis: number): number[] {
  const inner = elementCount(dims.slice(axis + 1));
  const length = dims[axis] ?? 0;
  const sums = new Array<number>(length - 1).fill(0);
  for (const [i, value] of data.entries()) {
    const line = Math.floor(i / inner) % length;
    if (line > 0) sums[line - 1] = (sums[line - 1] ?? 0) + Math.abs(value - (data[i - inner] ?? 0));
  }
  return sums.map((sum) => (sum * length) / data.length);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}
