/** Compute shaders, compiled once for a device, and asked to run. */

import { BUFFER_USAGE } from "../device/bufferUsage";
import { GROUP_SIZE, type Kernel, rowsFor } from "./wgsl";

/** One kernel, and what it is to do. */
export interface Work {
  readonly kernel: Kernel;
  /** Sources and result, in the order of the kernel's bindings, and how many bytes of each, from its start, it may touch. */
  readonly buffers: readonly { readonly buffer: GPUBuffer; readonly bytes: number }[];
  /** Its parameters: u32. */
  readonly wholes: readonly number[];
  /** Its parameters: f32. */
  readonly reals: readonly number[];
  /** How many invocations are wanted; "one workgroup" for a kernel that shares memory. */
  readonly invocations: number | "one workgroup";
}

/** For the parameters of any kernel: 255 rows of four, of which a channel takes one. */
const PARAMS_BYTES = 4096;

/** Runs kernels in the order in which they are given, behind whatever the device's queue already has. */
export class KernelRunner {
  readonly #device: GPUDevice;
  /** Of each kernel in turn: the queue writes it between one dispatch and the next. */
  readonly #params: GPUBuffer;
  readonly #compiled = new Map<
    string,
    { readonly pipeline: GPUComputePipeline; readonly layout: GPUBindGroupLayout }
  >();

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#params = device.createBuffer({
      size: PARAMS_BYTES,
      usage: BUFFER_USAGE.UNIFORM | BUFFER_USAGE.COPY_DST,
    });
  }

  /** Takes on a piece of work; whether it failed, the device tells later. */
  run({ kernel, buffers, wholes, reals, invocations }: Work): void {
    const { queue } = this.#device;
    const { pipeline, layout } = this.#compile(kernel);
    const params = packed(wholes, reals);
    queue.writeBuffer(this.#params, 0, params);
    const bound = [{ buffer: this.#params, bytes: params.byteLength }, ...buffers];
    const entries = bound.map(({ buffer, bytes }, binding) => ({
      binding,
      resource: { buffer, size: 4 * Math.ceil(bytes / 4) },
    }));
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.#device.createBindGroup({ layout, entries }));
    const groups = invocations === "one workgroup" ? 1 : Math.ceil(invocations / GROUP_SIZE);
    const across = Math.min(groups, this.#device.limits.maxComputeWorkgroupsPerDimension);
    pass.dispatchWorkgroups(across, Math.ceil(groups / across));
    pass.end();
    queue.submit([encoder.finish()]);
  }

  dispose(): void {
    this.#params.destroy();
  }

  #compile(kernel: Kernel) {
    const known = this.#compiled.get(kernel.name);
    if (known) return known;
    const module = this.#device.createShaderModule({ label: kernel.name, code: kernel.code() });
    const pipeline = this.#device.createComputePipeline({
      label: kernel.name,
      layout: "auto",
      compute: { module },
    });
    const compiled = { pipeline, layout: pipeline.getBindGroupLayout(0) };
    this.#compiled.set(kernel.name, compiled);
    return compiled;
  }
}

/** As `declareParams` in wgsl.ts lays them out. */
function packed(wholes: readonly number[], reals: readonly number[]): ArrayBuffer {
  const split = 4 * rowsFor(wholes.length);
  const words = new Uint32Array(split + 4 * rowsFor(reals.length));
  words.set(wholes);
  new Float32Array(words.buffer).set(reals, split);
  return words.buffer;
}
