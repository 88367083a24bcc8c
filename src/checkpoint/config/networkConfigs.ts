/** The configurations of a model's networks, read together; and the models that cannot be drawn with. */

import * as v from "valibot";
import { Failure } from "../../core/failure";
import { check } from "../json";
import { configPath, INDEX_FILE } from "../layout/diffusers";
import type { ConfigFiles } from "./configFiles";
import { parseTextConfig, type TextConfig } from "./text";
import { parseUnetConfig, refuseOtherInputs, type UnetConfig } from "./unet";
import { parseVaeConfig, type VaeConfig } from "./vae";

/** `model_index.json`, which names the pipeline. */
const INDEX = v.object({
  _class_name: v.optional(v.string()),
  force_zeros_for_empty_prompt: v.nullish(v.boolean()),
});

/** The networks of one model, as far as the pipeline is concerned. */
export interface NetworkConfigs {
  readonly unet: UnetConfig;
  readonly vae: VaeConfig;
  /** diffusers' class, from `model_index.json`; null if the model does not say. */
  readonly pipeline: string | null;
  /** Whether no negative prompt means embeddings of zeros. */
  readonly zerosForNoNegative: boolean;
  /** One per text encoder, the first one first. */
  readonly texts: readonly [TextConfig, ...TextConfig[]];
}

/**
 * Reads `model_index.json` and the `config.json` of every network.
 *
 * @throws {Failure} "model-corrupt" naming the file and the field, "unsupported" for a model that text alone cannot draw with
 * here: without a U-Net, with one that reads more than latent, time and text, or without the text encoder that others have.
 */
export async function readNetworkConfigs(configFiles: ConfigFiles): Promise<NetworkConfigs> {
  const index = check(INDEX_FILE, INDEX, (await configFiles.optionalJson(INDEX_FILE)) ?? {});
  const unetJson = await configFiles.optionalJson("unet/config.json");
  if (unetJson === null) await refuseOtherNetwork(configFiles, index._class_name);
  const unet = parseUnetConfig(unetJson ?? (await configFiles.json("unet/config.json")));
  const vae = parseVaeConfig(await configFiles.json("vae/config.json"));
  refuseOtherInputs(unet, vae.latent_channels);
  const [first, second] = [
    await textConfig(configFiles, "text_encoder"),
    await textConfig(configFiles, "text_encoder_2"),
  ];
  if (first === null)
    throw new Failure(
      "unsupported",
      second === null
        ? "text_encoder/config.json is missing; without a text encoder no prompt can be read."
        : "This model has a second text encoder and no first one, as SDXL's refiner has; it refines pictures and cannot begin one.",
    );
  if (unet.addition_embed_type === "text_time" && second === null)
    throw new Failure(
      "unsupported",
      "This U-Net wants the text as SDXL's two encoders read it, but text_encoder_2/config.json is missing.",
    );
  return {
    unet,
    vae,
    pipeline: index._class_name ?? null,
    // as diffusers' StableDiffusionXLPipeline has it; its other pipelines know no such thing
    zerosForNoNegative:
      unet.addition_embed_type === "text_time" && (index.force_zeros_for_empty_prompt ?? true),
    texts: second === null ? [first] : [first, second],
  };
}

/** The other kinds of networks that denoise, by the folder that diffusers keeps them in. */
async function refuseOtherNetwork(configFiles: ConfigFiles, pipeline: string | undefined): Promise<void> {
  for (const folder of ["transformer", "prior", "decoder"]) {
    if ((await configFiles.optionalJson(`${folder}/config.json`)) === null) continue;
    throw new Failure(
      "unsupported",
      `This is a ${pipeline ?? "model of another kind"}, whose ${folder} is no U-Net; only Stable Diffusion 1, 2, SDXL and their kin can be drawn with.`,
    );
  }
}

async function textConfig(configFiles: ConfigFiles, folder: string): Promise<TextConfig | null> {
  const path = configPath(folder);
  const json = await configFiles.optionalJson(path);
  return json === null ? null : parseTextConfig(path, json);
}
