/** A latent device on a fresh GPU device, tensors for it, and how far two answers are apart. */

import { type GpuMeter, meterDevice } from "../../src/bench/instruments/gpuMeter";
import { floatsToHalves, halvesToFloats } from "../../src/checkpoint/weights/dtype";
import { asFailure } from "../../src/core/failure";
import { elementCount, type HostTensor } from "../../src/core/tensor";
import { BUFFER_USAGE } from "../../src/runtime/device/bufferUsage";
import { chooseBackend, type WatchedDevice } from "../../src/runtime/device/device";
import { GpuLatentDevice } from "../../src/runtime/gpu/gpuLatentDevice";
import type { GpuTensor } from "../../src/runtime/gpu/tensorTable";
import type { Engine } from "../../src/runtime/ort/engine";

export interface Harness {
  readonly gpu: WatchedDevice;
  readonly latentDevice: GpuLatentDevice;
  readonly meter: GpuMeter;
}

/** On a device as the app would open it. */
export async function openHarness(): Promise<Harness> {
  const backend = await chooseBackend("webgpu", { threads: 1 } as Engine);
  if (backend.kind !== "webgpu") throw new Error("no WebGPU");
  const meter = meterDevice(backend.gpu.device);
  return { gpu: backend.gpu, latentDevice: new GpuLatentDevice(backend.gpu), meter };
}

/** Every combination of the choices, the last name's turning fastest. */
export function everyOf<T extends object>(choices: { readonly [K in keyof T]: readonly T[K][] }): T[] {
  const names = Object.keys(choices) as (keyof T)[];
  return names.reduce<T[]>(
    (all, name) => all.flatMap((made) => choices[name].map((choice) => ({ ...made, [name]: choice }))),
    [{} as T],
  );
}

/** Numbers for a test, in [-3, 3] without much of a pattern. */
export function numbersOf(dims: readonly number[], stream: number): HostTensor {
  const data = Float32Array.from(
    { length: elementCount(dims) },
    (_, i) => 3 * Math.sin(12.9898 * i + 78.233 * stream + 1),
  );
  return { dims, data };
}

/** Numbers rounded to float16. */
export function rounded({ dims, data }: HostTensor): HostTensor {
  return { dims, data: halvesToFloats(floatsToHalves(data)) };
}

/** A tensor in a buffer that is not the latent device's, with `offset` other numbers before it, as a U-Net's output has. */
export function uploaded(
  { gpu, latentDevice }: Harness,
  tensor: HostTensor,
  dtype: GpuTensor["dtype"],
  offset = 0,
): GpuTensor {
  const numbers = new Float32Array(offset + tensor.data.length).fill(1e4);
  numbers.set(tensor.data, offset);
  const bits = dtype === "float32" ? numbers : floatsToHalves(numbers);
  const buffer = gpu.device.createBuffer({
    size: 4 * Math.ceil(bits.byteLength / 4),
    usage: BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST,
  });
  const bytes = new Uint8Array(buffer.size);
  bytes.set(new Uint8Array(bits.buffer));
  gpu.device.queue.writeBuffer(buffer, 0, bytes);
  return latentDevice.view(buffer, { dtype, dims: tensor.dims, offset });
}

/** The greatest difference, relative to `scale` where there is one; infinity where lengths differ or a number is missing. */
export function farthest(got: Float32Array, wanted: ArrayLike<number>, scale?: ArrayLike<number>): number {
  if (got.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (const [i, value] of got.entries()) {
    const difference = Math.abs(value - (wanted[i] ?? Number.NaN)) / (scale?.[i] ?? 1);
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return worst;
}

/** Code and sentence of what was thrown. */
export async function failureOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "no failure";
  } catch (error) {
    const { code, message } = asFailure(error);
    return `${code}: ${message}`;
  }
}
