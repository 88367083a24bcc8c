/** The latents of one drawing, in GPU buffers: what diffusion/latents.ts does on the host, as kernels. */

import { Failure } from "../../core/failure";
import { philoxKey } from "../../core/random";
import { elementCount } from "../../core/tensor";
import type { DeviceTensor, LatentScope } from "../../pipeline/ports";
import type { KernelRunner } from "./kernelRunner";
import { combineKernel, spreadKernel, TERMS_MAX } from "./latentKernels";
import { normalKernel } from "./normalKernel";
import { boundTo, type GpuTensor, type TensorTable } from "./tensorTable";

type Terms = Parameters<LatentScope["combine"]>[0];

/** Results are f32; what they are made of may be f16, as a U-Net's prediction is. Nothing is waited for. */
export class GpuLatentScope implements LatentScope {
  readonly #runner: KernelRunner;
  readonly #table: TensorTable;
  readonly #dims: readonly number[];
  readonly #count: number;
  readonly #key: readonly [number, number];
  readonly #held = new Set<DeviceTensor>();
  #draws = 0;
  #isOpen = true;

  /** @throws {Failure} "bad-request" for a seed outside 0 … 2^64 − 1. */
  constructor(runner: KernelRunner, table: TensorTable, dims: readonly number[], seed: bigint) {
    this.#runner = runner;
    this.#table = table;
    this.#dims = dims;
    this.#count = elementCount(dims);
    this.#key = philoxKey(seed);
  }

  combine(terms: Terms): DeviceTensor {
    let sum = this.#sum(terms.slice(0, TERMS_MAX));
    for (let next = TERMS_MAX; next < terms.length; next += TERMS_MAX - 1) {
      const before = sum;
      sum = this.#sum([[1, before], ...terms.slice(next, next + TERMS_MAX - 1)]);
      this.release(before);
    }
    return sum;
  }

  noise(): DeviceTensor {
    const result = this.#make();
    this.#runner.run({
      kernel: normalKernel(),
      buffers: [boundTo(result)],
      wholes: [this.#count, this.#draws++, ...this.#key],
      reals: [],
      invocations: this.#count,
    });
    return result;
  }

  matchStandardDeviation(latent: DeviceTensor, reference: DeviceTensor, strength: number): DeviceTensor {
    const [from, to] = [this.#find(latent), this.#find(reference)];
    const result = this.#make();
    this.#runner.run({
      kernel: spreadKernel(from.dtype, to.dtype),
      buffers: [from, to, result].map(boundTo),
      wholes: [this.#count, from.offset, to.offset],
      reals: [strength],
      invocations: "one workgroup",
    });
    return result;
  }

  release(latent: DeviceTensor): void {
    if (this.#table.isView(latent)) return;
    this.#find(latent);
    if (!this.#held.delete(latent))
      throw new Failure("internal", "A latent of another drawing was released; each scope releases its own.");
    this.#table.release(latent);
  }

  close(): void {
    this.#isOpen = false;
    for (const latent of this.#held) this.#table.release(latent);
    this.#held.clear();
  }

  #sum(terms: Terms): GpuTensor {
    const latents = terms.map(([, latent]) => this.#find(latent));
    if (latents.length === 0)
      throw new Failure("internal", "A sum of latents wants one or more terms, got none.");
    const result = this.#make();
    this.#runner.run({
      kernel: combineKernel(latents.map(({ dtype }) => dtype)),
      buffers: [...latents, result].map(boundTo),
      wholes: [this.#count, ...latents.map(({ offset }) => offset)],
      reals: terms.map(([coefficient]) => coefficient),
      invocations: this.#count,
    });
    return result;
  }

  #find(latent: DeviceTensor): GpuTensor {
    const found = this.#table.find(latent);
    if (found.dims.length === this.#dims.length && found.dims.every((extent, i) => extent === this.#dims[i]))
      return found;
    throw new Failure(
      "internal",
      `Latents here have the extents [${this.#dims.join(", ")}], got one of [${found.dims.join(", ")}].`,
    );
  }

  #make(): GpuTensor {
    if (!this.#isOpen)
      throw new Failure("internal", "A drawing's latents were asked for after it was closed.");
    const made = this.#table.make(this.#dims);
    this.#held.add(made);
    return made;
  }
}
