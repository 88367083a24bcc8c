/** A model before it is opened: its configuration files, and where each network's parameters lie. */

import type { ModelFiles } from "./modelFiles";

/** The networks that the runtime knows, as `family.json` calls them. */
export const NETWORK_NAMES = [
  "text_encoder",
  "text_encoder_2",
  "unet",
  "vae_decoder",
  "prompt_match",
] as const;

/** A network. Every model has "text_encoder", "unet" and "vae_decoder"; SDXL has a second encoder; ours has a judge of pictures. */
export type NetworkName = (typeof NETWORK_NAMES)[number];

/** A network's `config.json`, by key. */
export type Config = Readonly<Record<string, unknown>>;

/** One parameter of a network, wherever it lies. */
export interface Parameter {
  readonly file: Blob;
  /** As safetensors writes it, e.g. "BF16". */
  readonly dtype: string;
  /** As diffusers has it, [out, in] for a linear layer, however it lies in the file. Trailing ones do not count. */
  readonly shape: readonly number[];
  /** Range in `file`, C order. */
  readonly begin: number;
  readonly end: number;
  /** True if the file has it the other way round, [in, out]: then `shape` has two extents. */
  readonly isTransposed: boolean;
}

/** Parameters by the names that diffusers and transformers publish them under (`text_model.…` for CLIP). */
export type Parameters = ReadonlyMap<string, Parameter>;

/** One network as its checkpoint has it. */
export interface StoredNetwork {
  readonly parameters: Parameters;
  readonly config: Config;
}

/** A model whose weights we bind to graphs of our own. */
export interface ModelSource {
  readonly kind: "diffusers" | "single-file";
  /** The configurations: `model_index.json`, configurations, scheduler, tokenizers. */
  readonly files: ModelFiles;
  /**
   * @returns null if the model has no such network.
   * @throws {Failure} "model-missing" or "model-corrupt" for files that are incomplete or damaged, "unsupported" for pickles.
   */
  network(name: NetworkName): Promise<StoredNetwork | null>;
}
