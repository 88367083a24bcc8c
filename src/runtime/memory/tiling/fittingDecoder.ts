/** Decodes whole where memory allows it, else in tiles that fit: by the limits of the device, and by trying. */

import type { Config } from "../../../checkpoint/checkpoint";
import { Failure } from "../../../core/failure";
import type { HostTensor } from "../../../core/tensor";
import type { DeviceTensor, LatentDevice } from "../../../pipeline/ports";
import type { Backend } from "../../device/device";
import { decodeTiled } from "./tiledDecode";
import { largestBytes, type TilePlan, tilePlan } from "./tilePlan";

/** A decoder, as known before it runs. */
export interface DecoderDescription {
  /** `vae/config.json`. */
  readonly config: Config;
  /** Of one number in its graph. */
  readonly dtypeBytes: number;
}

/** Where it runs: what of `NetworkRunner` matters here. */
interface Runner {
  readonly latentDevice: LatentDevice;
  recover(): Promise<void>;
}

/** One decode of latents [1, c, h, w], wherever they are kept, in one piece; its planes are good until the next. */
type Decode = (latents: DeviceTensor) => Promise<DeviceTensor>;

/** Bytes that one tensor may take; the CPU has no limit for it. */
export function tensorLimit(backend: Backend): number {
  if (backend.kind === "wasm") return Number.POSITIVE_INFINITY;
  const { maxStorageBufferBindingSize, maxBufferSize } = backend.gpu.device.limits;
  return Math.min(maxStorageBufferBindingSize, maxBufferSize);
}

/** Of one model's decoder. */
export class FittingDecoder {
  readonly #description: DecoderDescription;
  readonly #runner: Runner;
  #limitBytes: number;

  /** @param limitBytes what one tensor may take. */
  constructor(description: DecoderDescription, limitBytes: number, runner: Runner) {
    this.#description = description;
    this.#runner = runner;
    this.#limitBytes = limitBytes;
  }

  /**
   * Latents [1, c, h, w] -> planes [1, 3, H, W], on the host if they came in tiles. What runs out of memory is tried again in
   * tiles half as large, and what is larger is not tried again.
   *
   * @throws {Failure} "out-of-memory" if not even the smallest tiles fit; and as `decode` does.
   */
  async decode(latents: DeviceTensor, decode: Decode): Promise<DeviceTensor> {
    const { config, dtypeBytes } = this.#description;
    const plan = tilePlan(config, latents.dims, dtypeBytes, this.#limitBytes);
    try {
      const planes = plan ? await this.#inTiles(latents, plan, decode) : await decode(latents);
      await this.#runner.latentDevice.done(); // a GPU tells of a want of memory only when it gets there
      return planes;
    } catch (error) {
      const dims = plan ? [1, 1, plan.height, plan.width] : latents.dims;
      const bytes = largestBytes(config, dims, dtypeBytes);
      if (!(error instanceof Failure) || error.code !== "out-of-memory" || bytes === null) throw error;
      this.#limitBytes = bytes / 2;
    }
    await this.#runner.recover();
    return this.decode(latents, decode);
  }

  /** Latents are small, so cutting them up on the host costs nothing beside a decode. */
  async #inTiles(latents: DeviceTensor, plan: TilePlan, decode: Decode): Promise<HostTensor> {
    const read = (tensor: DeviceTensor) => this.#runner.latentDevice.read(tensor);
    return decodeTiled(await read(latents), plan, async (tile) => read(await decode(tile)));
  }
}
