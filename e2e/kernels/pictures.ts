/** Pixels against the host's. */

import type { Rgba, RgbMap } from "../../src/core/pixels";
import { elementCount, type HostTensor } from "../../src/core/tensor";
import { previewRgba } from "../../src/image/latentPreview";
import { toRgba } from "../../src/image/pixels";
import type { GpuTensor } from "../../src/runtime/gpu/tensorTable";
import { everyOf, failureOf, type Harness, numbersOf, openHarness, rounded, uploaded } from "./harness";
import type { Answer } from "./page";

/** A fitted map has such numbers. */
const MAP: RgbMap = {
  matrix: [
    [0.3512, 0.2297, 0.3227],
    [0.325, 0.4974, 0.235],
    [-0.2829, 0.1762, 0.2721],
    [-0.212, -0.2616, -0.7177],
  ],
  bias: [0.02, -0.01, 0.05],
};
/** Latents of more channels, as newer autoencoders have them. */
const WIDE: RgbMap = {
  matrix: Array.from({ length: 16 }, (_, i) => [0.3 * Math.sin(i), 0.2 * Math.cos(i), 0.1] as const),
  bias: [0, 0, 0],
};

/** Planes in f32 and f16, levels beyond [-1, 1] and half-way between two bytes; latents through a map. */
export async function pixels(): Promise<Answer> {
  const harness = await openHarness();
  const planes = numbersOf([1, 3, 37, 53], 1);
  const halfway = levels(Array.from({ length: 256 }, (_, byte) => ((byte + 0.5) / 255) * 2 - 1));
  const latents = numbersOf([1, 4, 33, 65], 3);
  const wide = numbersOf([1, 16, 9, 5], 4);
  const numbers = {
    "planes, f32": await differing(harness, planes, "float32", null),
    "planes, f16": await differing(harness, rounded(planes), "float16", null),
    "planes, of the host": await differing(harness, planes, "host", null),
    "planes, half-way": await differing(harness, halfway, "float32", null),
    "latents, f32": await differing(harness, latents, "float32", MAP),
    "latents, f16": await differing(harness, rounded(latents), "float16", MAP),
    "latents of 16 channels": await differing(harness, wide, "float32", WIDE),
  };
  harness.gpu.device.destroy();
  return { numbers, words: {} };
}

/** How many of a thousand bytes are not the host's; a byte that is more than one off counts for all. */
async function differing(
  harness: Harness,
  tensor: HostTensor,
  dtype: GpuTensor["dtype"] | "host",
  map: RgbMap | null,
) {
  const there = dtype === "host" ? tensor : uploaded(harness, tensor, dtype, 7);
  const got = await harness.latentDevice.rgba(there, map);
  const wanted = onHost(tensor, map);
  if (got.widthPx !== wanted.widthPx || got.heightPx !== wanted.heightPx) return Number.POSITIVE_INFINITY;
  const steps = wanted.bytes.map((byte, i) => Math.abs(byte - (got.bytes[i] ?? 1000)));
  if (got.bytes.length !== wanted.bytes.length || steps.some((step) => step > 1))
    return Number.POSITIVE_INFINITY;
  return (1000 * steps.filter((step) => step > 0).length) / steps.length;
}

function onHost(tensor: HostTensor, map: RgbMap | null): Rgba {
  return map === null ? toRgba(tensor) : previewRgba(tensor, map);
}

/** A picture of one row: each level as red, green and blue. */
function levels(row: readonly number[]): HostTensor {
  return { dims: [1, 3, 1, row.length], data: Float32Array.from([...row, ...row, ...row]) };
}

interface Broken {
  readonly level: number;
  readonly dtype: GpuTensor["dtype"];
  readonly map: RgbMap | null;
  /** Where in the tensor, from 0 to 1. */
  readonly share: number;
}

/** One number that is not finite, at either end and between: what the GPU says of it, and "same" if the host says it too. */
export async function brokenPixels(): Promise<Answer> {
  const harness = await openHarness();
  const words: Record<string, string> = {};
  const choices = everyOf<Broken>({
    level: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    dtype: ["float32", "float16"],
    map: [null, MAP],
    share: [0, 0.4, 1],
  });
  for (const { level, dtype, map, share } of choices) {
    const tensor = numbersOf([1, map?.matrix.length ?? 3, 5, 7], 5);
    tensor.data[Math.floor(share * (elementCount(tensor.dims) - 1))] = level;
    const got = await failureOf(() => harness.latentDevice.rgba(uploaded(harness, tensor, dtype, 1), map));
    const wanted = await failureOf(() => onHost(tensor, map));
    words[`${level} at ${share}, ${dtype}${map ? ", mapped" : ""}`] = got === wanted ? "same" : got;
  }
  words["wrong channels"] = await failureOf(() =>
    harness.latentDevice.rgba(uploaded(harness, numbersOf([1, 4, 2, 2], 0), "float32"), null),
  );
  harness.gpu.device.destroy();
  return { numbers: {}, words };
}

/** Ten pictures asked for at once, each of a latent that is released and written over while the others are awaited. */
export async function picturesInFlight(): Promise<Answer> {
  const harness = await openHarness();
  const { latentDevice, gpu } = harness;
  const dims = [1, 4, 64, 64];
  const scope = latentDevice.open(dims, 3n);
  const asked: Promise<Rgba>[] = [];
  const wanted: Rgba[] = [];
  const kept = numbersOf(dims, 0);
  for (let i = 0; i < 10; i++) {
    const latent = scope.combine([[1 / (i + 1), uploaded(harness, kept, "float32")]]);
    asked.push(latentDevice.rgba(latent, MAP));
    scope.release(latent);
    wanted.push(previewRgba({ dims, data: kept.data.map((z) => z / (i + 1)) }, MAP));
  }
  const got = await Promise.all(asked);
  const far = got.map(
    ({ bytes }, i) => bytes.filter((byte, at) => Math.abs(byte - (wanted[i]?.bytes[at] ?? 1000)) > 1).length,
  );
  const bytesRead = latentDevice.bytesRead;
  gpu.device.destroy();
  return { numbers: { far: Math.max(...far), bytesRead }, words: {} };
}
