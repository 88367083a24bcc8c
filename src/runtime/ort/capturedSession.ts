/**
 * A session with graph capture, for one set of extents: ONNX Runtime keeps the kernels of the first run and sends them again at each
 * later one. The CPU then spends no time on finding, sizing and binding each.
 *
 * ONNX Runtime Web binds the tensors of a captured session's first run for good, and silently goes on with those whatever later runs
 * are given. So a captured session has buffers of its own. Inputs are copied into them and outputs out of them, on the device.
 */

import type { Tensor } from "onnxruntime-web";
import { Failure } from "../../core/failure";
import { elementCount } from "../../core/tensor";
import { BUFFER_USAGE } from "../device/bufferUsage";
import type { GpuBackend } from "../device/device";
import type { Engine, Ort, OrtSession } from "./engine";
import { enqueue } from "./queue";
import { createSession, guarded, QUIET, type SessionOptions } from "./session";
import { type Port, type Tensors, tensorPorts } from "./tensors";

/** A session with graph capture. Every method rejects with a `Failure`; after one of `runInto` it is good for nothing but `release`. */
export interface CapturedSession {
  /** As a session's, with all tensors in GPU buffers and of the extents that it was opened for. */
  runInto(feeds: Tensors, fetches: Tensors): Promise<void>;
  release(): Promise<void>;
}

/** ONNX Runtime refuses to capture a graph with work for the CPU, such as arithmetic with free extents. */
const REFUSAL = /graph capture/i;
/** Sizes are rounded up to so many bytes, so that ONNX Runtime's vectors of four do not stick out. */
const GRAIN_BYTES = 16;
/** Copies are made in words. */
const WORD_BYTES = 4;
/** Dtypes of ports that live in GPU buffers, and bytes of one element. */
const BYTES: Readonly<Partial<Record<Port["type"], number>>> = { float32: 4, float16: 2, int32: 4 };

/**
 * @param options `fixedExtents` for every free extent of the graph.
 * @returns null if ONNX Runtime cannot capture this graph.
 * @throws {Failure} as opening any session.
 */
export async function openCapturedSession(
  { ort }: Engine,
  backend: GpuBackend,
  options: SessionOptions,
): Promise<CapturedSession | null> {
  const { name } = options;
  const { device } = backend.gpu;
  const session = await createSession(ort, backend, { ...options, output: "gpu" }, true).catch(
    (error: unknown) => {
      if (error instanceof Error && REFUSAL.test(error.message)) return null;
      throw error;
    },
  );
  if (session === null) return null;
  const feeds = ownTensors(ort, device, tensorPorts(session.inputMetadata));
  const fetches = ownTensors(ort, device, tensorPorts(session.outputMetadata));
  const release = () => enqueue(() => releaseAll(session, [feeds, fetches]));
  if (feeds === null || fetches === null) {
    await release();
    return null;
  }
  return {
    async runInto(given, wanted) {
      const job = async () => {
        copyAll(device, given, feeds);
        await session.run(feeds, fetches, QUIET);
        copyAll(device, fetches, wanted);
      };
      await guarded(name, backend, { job, undo: () => undefined });
    },
    release,
  };
}

async function releaseAll(session: OrtSession, all: readonly (Tensors | null)[]): Promise<void> {
  await session.release();
  for (const tensors of all) for (const tensor of Object.values(tensors ?? {})) tensor.gpuBuffer.destroy();
}

/** Buffers for ports of fixed extents; null if there are others. */
function ownTensors(ort: Ort, device: GPUDevice, ports: readonly Port[]): Tensors | null {
  if (!ports.every(isFixed)) return null;
  return Object.fromEntries(
    ports.map(({ name, type, shape: dims }) => {
      const size = Math.ceil(bytesOf(type, dims) / GRAIN_BYTES) * GRAIN_BYTES;
      const { STORAGE, COPY_SRC, COPY_DST } = BUFFER_USAGE;
      const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
      return [name, ort.Tensor.fromGpuBuffer(buffer, { dataType: type, dims })];
    }),
  );
}

type GpuType = "float32" | "float16" | "int32";

function isFixed(port: Port): port is Port & { type: GpuType; shape: readonly number[] } {
  return port.type in BYTES && port.shape.every((extent) => typeof extent === "number");
}

function bytesOf(type: Tensor["type"], dims: readonly number[]): number {
  return (BYTES[type] ?? 0) * elementCount(dims);
}

/** Copies tensors of equal names on the device, whose queue keeps the order. */
function copyAll(device: GPUDevice, from: Tensors, to: Tensors): void {
  const encoder = device.createCommandEncoder();
  for (const [name, target] of Object.entries(to)) {
    const source = from[name];
    if (!source || String(source.dims) !== String(target.dims) || source.type !== target.type)
      throw new Failure(
        "bad-request",
        `A captured session: ${name}: wanted ${source ? `${source.type} [${source.dims}]` : "no such tensor"}, got ${target.type} [${target.dims}].`,
      );
    const bytes = Math.ceil(bytesOf(target.type, target.dims) / WORD_BYTES) * WORD_BYTES;
    encoder.copyBufferToBuffer(source.gpuBuffer, 0, target.gpuBuffer, 0, bytes);
  }
  device.queue.submit([encoder.finish()]);
}
