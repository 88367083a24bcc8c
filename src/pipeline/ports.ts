/** The pipeline's needs of the networks, in the terms of the maths. */

import type { Rgba, RgbMap } from "../core/pixels";
import type { HostTensor } from "../core/tensor";
import type { Timestep } from "../core/units";
import type { LatentOps } from "../diffusion/latents";

/** Floats [1, c, h, w], latents or planes, wherever they are kept; a `HostTensor` is one. Only their device looks inside. */
export interface DeviceTensor {
  readonly dims: readonly number[];
}

/** The latents of one drawing, and what samplers do to them. */
export interface LatentScope extends LatentOps<DeviceTensor> {
  /** Gives back whatever was not released. */
  close(): void;
}

/** Where latents and planes are kept, and all that can be done with them there. */
export interface LatentDevice {
  /**
   * @param dims extents of every latent of the drawing, [1, c, h, w].
   * @param seed its noise: draw k is what `philoxNormals` in core/random.ts says of (seed, k).
   */
  open(dims: readonly number[], seed: bigint): LatentScope;
  /**
   * A tensor as h x w opaque pixels. The work is taken on before this returns, so that the tensor may be released; the answer comes
   * when it is done.
   *
   * @param map from channels to colours; null if the tensor is three planes [1, 3, h, w] in [-1, 1].
   * @returns rejects with "internal" if a number is not finite, or as {@link LatentDevice.done}.
   */
  rgba(tensor: DeviceTensor, map: RgbMap | null): Promise<Rgba>;
  /** The numbers, on the host. Rejects as {@link LatentDevice.done}. */
  read(tensor: DeviceTensor): Promise<HostTensor>;
  /** Resolves when all work taken on so far is done. Rejects with "device-lost" or "out-of-memory" if it never will be. */
  done(): Promise<void>;
}

/** A text as one text encoder reads it. */
export interface EncoderText {
  /** Token ids, [tokens]. */
  readonly ids: Int32Array;
  /** Place of the end token, where a projecting text encoder takes the vector of the whole text from. */
  readonly end: number;
}

/** Inputs of some U-Nets beside latent, time and text. */
export interface UnetExtras {
  /** SDXL's size and crop conditioning (Podell et al. 2023, arXiv:2307.01952, section 2.2): [original height, original width, crop top, crop left, target height, target width] in pixels; null for other models. */
  readonly timeIds: readonly number[] | null;
  /** Embedding of the guidance scale for guidance-distilled U-Nets (Luo et al. 2023, arXiv:2310.04378, section 4.1), `time_cond_proj_dim` numbers; null for other models. */
  readonly timestepCond: Float32Array<ArrayBuffer> | null;
}

/** Text embeddings that stay wherever the runtime put them; the pipeline never looks inside. */
export interface Embeddings {
  /** Tokens, padding included. */
  readonly tokens: number;
  /** Gives the memory back. Calling it twice is harmless. */
  dispose(): void;
}

/** Looks at a finished picture and says how well it fits a text: a CLIP model (Radford et al. 2021, arXiv:2103.00020). */
export interface PromptMatch {
  /** Pixels along each side of the pictures that it takes. */
  readonly sidePx: number;
  /**
   * Cosine in [-1, 1] of planes [1, 3, sidePx, sidePx] in [-1, 1] with a text that {@link Networks.encode} gave.
   *
   * @param end place of the text's end token among its ids.
   */
  cosine(planes: HostTensor, text: Embeddings, end: number): Promise<number>;
}

/** The networks of a latent-diffusion model. Every method rejects with a `Failure`. */
export interface Networks {
  /** Where these networks want their latents. */
  readonly latentDevice: LatentDevice;
  /**
   * A text, as each of the model's text encoders reads it -> embeddings [1, tokens, width], which the caller disposes. One encoder
   * gives its last hidden state; two give their penultimate ones, joined by width, and the second's vector of the whole text
   * stays with them.
   */
  encode(text: readonly EncoderText[]): Promise<Embeddings>;
  /** Embeddings of the same extents with nothing in them: SDXL's "no negative prompt". The caller disposes them. */
  zeros(like: Embeddings): Promise<Embeddings>;
  /**
   * The U-Net's prediction (noise, velocity or sample: the scheduler's `prediction_type`) for one latent
   * [1, channels, h, w] under each of `texts`, in their order, with the same extras: one batch, or several passes where memory asks for it.
   * The answer is good until the next call, and need not be released.
   */
  predict(
    latents: DeviceTensor,
    timestep: Timestep,
    texts: readonly Embeddings[],
    extras: UnetExtras,
  ): Promise<readonly DeviceTensor[]>;
  /** Latents [1, channels, h, w] as the sampler leaves them -> planes [1, 3, H, W] in [-1, 1], good until the next call. */
  decode(latents: DeviceTensor): Promise<DeviceTensor>;
  /** Null if the model brings none. */
  readonly promptMatch: PromptMatch | null;
}

/** Networks that can also be had with other U-Net weights. */
export interface FewStepSource extends Networks {
  /** The same networks with a LoRA of the model's folder merged into the U-Net; the U-Net is opened when first asked for, and kept. */
  withLora(path: string): Promise<Networks>;
}
