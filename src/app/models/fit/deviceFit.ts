/** Whether a device can run a model, by what its browser says of it: before a byte of the model is fetched. */

import type { ModelNeeds } from "../../../protocol/catalogue";
import type { DeviceReport } from "../../../protocol/library";

/** A forecast, and its reason in one sentence. */
export interface Fit {
  readonly verdict: "runs" | "runs-slowly" | "will-not-run";
  readonly reason: string;
}

/** A picture's sides. */
interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

type Gpu = NonNullable<DeviceReport["gpu"]>;

const GB = 1e9;
const GIB = 2 ** 30;
/** Channels at full size in the last level of a decoder: of AutoencoderKL as every Stable Diffusion has it, and of AutoencoderTiny. */
const DECODER_CHANNELS = { kl: 256, "kl-f32": 256, tiny: 64 } as const;
/** Pictures smaller than this are no use to anybody. */
const SIDE_MIN_PX = 256;
/** Sides in steps that every model takes. */
const SIDE_STEP_PX = 64;
/** WebAssembly can address 4 GiB; what is left of them is for activations and for ONNX Runtime itself. */
const CPU_NETWORK_BYTES_MAX = 3 * GIB;
/** So little that a CPU draws it in seconds. */
const SMALL_BYTES = 0.1 * GB;
/** Browsers say no more than this, whatever there is. */
const MEMORY_SAID_MAX_GB = 8;
/** Activations and the browser's own copies, beside the weights. */
const WORKING_BYTES = 1 * GB;

/**
 * @param size of the pictures that are meant to be drawn.
 * @returns the verdict for the backend that "auto" would choose: a real GPU if there is one, else the CPU.
 */
export function deviceFit(device: DeviceReport, needs: ModelNeeds, size: Size): Fit {
  const { gpu, gpuReason } = device;
  if (gpu !== null && !gpu.isSoftware) return gpuFit(device, gpu, needs, size);
  return cpuFit(device, needs, gpu === null ? gpuReason : "Only a software GPU was found.");
}

function gpuFit(device: DeviceReport, gpu: Gpu, needs: ModelNeeds, size: Size): Fit {
  const weightsBytes = needs.weightsBytes * (gpu.hasF16 ? 1 : 2);
  const tooLittle = memoryFit(device, weightsBytes);
  if (tooLittle) return tooLittle;
  const limitBytes = Math.min(gpu.bufferBytesMax, gpu.bindingBytesMax);
  const sidePx = sideLimit(gpu, needs, limitBytes);
  if (sidePx < SIDE_MIN_PX)
    return {
      verdict: "will-not-run",
      reason: `One buffer of this GPU may have ${words(limitBytes)}, too few for the decoder of even a small picture.`,
    };
  const estimate = `about ${words(weightsBytes + WORKING_BYTES)} of the GPU's memory, of which browsers do not tell how much there is`;
  if (size.widthPx * size.heightPx > sidePx * sidePx)
    return {
      verdict: gpu.hasF16 ? "runs" : "runs-slowly",
      reason: `Pictures of up to ${sidePx} × ${sidePx} pixels, since one buffer of this GPU may have ${words(limitBytes)}; it takes ${estimate}.`,
    };
  if (!gpu.hasF16)
    return {
      verdict: "runs-slowly",
      reason: `This GPU computes in 32-bit numbers only, so the weights take twice their size: ${estimate}.`,
    };
  return { verdict: "runs", reason: `Runs on the GPU, and takes ${estimate}.` };
}

/** Side of the largest square picture whose widest activation fits into one buffer, in pixels. */
function sideLimit({ hasF16 }: Gpu, { decoder }: ModelNeeds, limitBytes: number): number {
  const bytesPerPixel = DECODER_CHANNELS[decoder] * (hasF16 && decoder !== "kl-f32" ? 2 : 4);
  return Math.floor(Math.sqrt(limitBytes / bytesPerPixel) / SIDE_STEP_PX) * SIDE_STEP_PX;
}

/** The CPU computes in 32-bit numbers. */
function cpuFit(device: DeviceReport, needs: ModelNeeds, why: string | null): Fit {
  const weightsBytes = 2 * needs.weightsBytes;
  const largestBytes = 2 * needs.largestNetworkBytes;
  const because = why ?? "There is no GPU to draw on.";
  if (largestBytes > CPU_NETWORK_BYTES_MAX)
    return {
      verdict: "will-not-run",
      reason: `${because} On the processor its largest network takes ${words(largestBytes)}, and a browser gives all of them 4.3 GB.`,
    };
  const tooLittle = memoryFit(device, weightsBytes);
  if (tooLittle) return tooLittle;
  if (weightsBytes < SMALL_BYTES)
    return { verdict: "runs", reason: `${because} The processor is fast enough.` };
  return {
    verdict: "runs-slowly",
    reason: `${because} The processor (${device.threads === 1 ? "one thread" : `${device.threads} threads`}) takes minutes for a picture, and ${words(weightsBytes + WORKING_BYTES)} of memory.`,
  };
}

/** Null unless the device says that it has too little memory. */
function memoryFit({ memoryGb }: DeviceReport, weightsBytes: number): Fit | null {
  const neededBytes = weightsBytes + WORKING_BYTES;
  if (memoryGb === null || memoryGb >= MEMORY_SAID_MAX_GB || neededBytes <= memoryGb * GB) return null;
  return {
    verdict: "will-not-run",
    reason: `It takes ${words(neededBytes)} of memory while it opens, and this device has about ${memoryGb} GB.`,
  };
}

/** A network's weights in a repository, whole or in shards, as safetensors or ONNX. */
const WEIGHTS = /(^|\/)[^/]+(\.safetensors|\.onnx|\.onnx_data|\.data|\.pb)$/;
/** The largest network's share of a single file with a whole model in it. */
const LARGEST_SHARE = 0.8;

/**
 * The needs of a model that is in no catalogue, from its files. A file that states no dtype counts as 16-bit.
 *
 * @param files with sizes in bytes; at least one has weights, or nothing is known to be needed.
 */
export function needsOfFiles(
  files: readonly { readonly path: string; readonly sizeBytes: number }[],
): ModelNeeds {
  const byNetwork = new Map<string, number>();
  for (const { path, sizeBytes } of files) {
    if (!WEIGHTS.test(path)) continue;
    const cut = path.lastIndexOf("/");
    const network = cut < 0 ? path : path.slice(0, cut);
    byNetwork.set(network, (byNetwork.get(network) ?? 0) + sizeBytes);
  }
  const sizes = [...byNetwork.values()];
  const weightsBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const largestNetworkBytes = sizes.length === 1 ? weightsBytes * LARGEST_SHARE : Math.max(0, ...sizes);
  return {
    weightsBytes,
    largestNetworkBytes,
    // Whatever has two text encoders decodes in 32 bits.
    decoder: [...byNetwork.keys()].some((network) => network.includes("text_encoder_2")) ? "kl-f32" : "kl",
  };
}

/** Decimal, as disks and memory are sold. */
function words(bytes: number): string {
  return bytes >= GB ? `${(bytes / GB).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}
