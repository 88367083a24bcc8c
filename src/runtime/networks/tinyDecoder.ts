/**
 * A decoder for previews, beside the model's own: AutoencoderTiny (TAESD, Bohan 2023, github.com/madebyollin/taesd), which is small
 * enough to be asked in the middle of a drawing.
 */

import { latentScale } from "../../checkpoint/config/latentScale";
import { parseVaeConfig } from "../../checkpoint/config/vae";
import { diffusersSource } from "../../checkpoint/diffusersFolder";
import { chooseGraph, readFamilies } from "../../checkpoint/graph/families";
import { parseJson } from "../../checkpoint/json";
import { isTinyDecoder } from "../../checkpoint/layout/kind";
import type { GraphLibrary, ModelFiles } from "../../checkpoint/modelFiles";
import { Failure } from "../../core/failure";
import type { DeviceTensor } from "../../pipeline/ports";
import { precisionOf } from "../device/device";
import type { OpeningOptions } from "../memory/openTogether";
import { tensorLimit } from "../memory/tiling/fittingDecoder";
import { largestBytes } from "../memory/tiling/tilePlan";
import { openable } from "./load";
import type { NetworkRunner } from "./networkRunner";

/** Files of a tiny decoder, and the engine and device that it is opened on. */
export interface PreviewDecoderOptions extends Pick<OpeningOptions, "engine" | "backend" | "readerOf"> {
  /** As diffusers saves it: `config.json` with its weights beside it. */
  readonly files: ModelFiles;
  readonly graphs: GraphLibrary;
  /** Of the model whose latents it is to decode: how those go through a network, and how many channels they have. */
  readonly runner: NetworkRunner;
  readonly latentChannels: number;
  /** Bytes that one tensor may take; left out, the device's limit. */
  readonly tensorBytes?: number;
}

/** It holds memory until it is disposed. */
export interface PreviewDecoder {
  /** Latents [1, channels, h, w] as a sampler has them -> planes [1, 3, H, W] in about [-1, 1], good until the next call. Rejects with a `Failure`. */
  decode(latents: DeviceTensor): Promise<DeviceTensor>;
  /** Gives its memory back; waits for a run in progress. */
  dispose(): Promise<void>;
}

const CONFIG = "config.json";
/** The folder that diffusers' layout has an autoencoder in. */
const VAE = "vae/";
/** `latent_channels` of diffusers' AutoencoderTiny, for configurations that do not write it. */
const CLASS_CHANNELS = 4;

/** `config.json` of a folder with one network; null if that is no AutoencoderTiny. @throws {Failure} "model-corrupt" if it is no JSON. */
export async function tinyConfig(files: ModelFiles): Promise<Readonly<Record<string, unknown>> | null> {
  const file = isTinyDecoder(files.paths) ? await files.open(CONFIG) : null;
  const config = file && parseJson(CONFIG, await file.text());
  return config?.["_class_name"] === "AutoencoderTiny" ? config : null;
}

/** One folder of a model, as a model of its own. @param folder without "/" at its end. */
export function folderIn({ paths, open }: ModelFiles, folder: string): ModelFiles {
  const start = `${folder}/`;
  return {
    paths: paths.flatMap((path) => (path.startsWith(start) ? [path.slice(start.length)] : [])),
    open: (path) => open(start + path),
  };
}

/**
 * @throws {Failure} "unsupported" for another network than an AutoencoderTiny, or one for latents of other channels; and as
 * opening any network.
 */
export async function openPreviewDecoder(options: PreviewDecoderOptions): Promise<PreviewDecoder> {
  const { files, graphs, backend, runner, latentChannels } = options;
  const config = await tinyConfig(files);
  if (config === null)
    throw new Failure(
      "unsupported",
      `Wanted an AutoencoderTiny to draw previews with: ${CONFIG} with diffusion_pytorch_model.safetensors beside it.`,
    );
  const channels = config["latent_channels"] ?? CLASS_CHANNELS;
  if (channels !== latentChannels)
    throw new Failure(
      "unsupported",
      `Wanted a preview decoder for latents of ${latentChannels} channels, got one for ${JSON.stringify(channels)}.`,
    );
  const stored = await diffusersSource(asVae(files)).network("vae_decoder");
  if (stored === null) throw new Failure("model-missing", "The preview decoder has no weights.");
  const precision = config["force_upcast"] === true ? "f32" : precisionOf(backend);
  const library = { graphs, families: await readFamilies(graphs) };
  const chosen = await chooseGraph(library, "vae_decoder", stored, precision);
  const scale = latentScale(parseVaeConfig(config));
  const session = await openable(options, "vae_decoder", chosen, {}).open();
  const limitBytes = options.tensorBytes ?? tensorLimit(backend);
  return {
    async decode(latents) {
      const bytes = largestBytes(config, latents.dims, precision === "f32" ? 4 : 2) ?? 0;
      if (bytes <= limitBytes) return runner.decode(session, latents, scale);
      // In tiles it would cost more than a preview is worth, and a GPU that is asked for too much is of no more use.
      throw new Failure(
        "out-of-memory",
        "The preview decoder's largest tensor is more than this device takes.",
      );
    },
    dispose: () => session.release(),
  };
}

function asVae({ paths, open }: ModelFiles): ModelFiles {
  return { paths: paths.map((path) => VAE + path), open: (path) => open(path.slice(VAE.length)) };
}
