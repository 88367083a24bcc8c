/** The configurations of an ONNX folder: its own where it has them, else those of the well-known model that its graphs are of. */

import { Failure } from "../../core/failure";
import { type JsonObject, parseJson } from "../json";
import {
  configPath,
  INDEX_FILE,
  NETWORK_FOLDERS,
  SCHEDULER_FILE,
  TOKENIZER_FILES,
  TOKENIZER_FOLDERS,
  VOCABULARIES,
  vocabularyIn,
} from "../layout/diffusers";
import type { ModelFiles, PublishedConfigs } from "../modelFiles";
import type { OnnxFile, Port } from "./onnxFile";
import { extentOf, type UnetPorts } from "./ports";

/** Facts about a model that its graphs show. */
export interface Shown {
  readonly unet: UnetPorts;
  readonly decoder: OnnxFile;
  /** Extents of the decoder's latents. */
  readonly latents: Port;
  readonly hasTwoTexts: boolean;
}

const UNET = configPath(NETWORK_FOLDERS.unet);
const VAE = configPath(NETWORK_FOLDERS.vae_decoder);
/** Folders of ONNX files name the two halves of an autoencoder apart. */
const ALIASES: Readonly<Record<string, string>> = { [VAE]: configPath("vae_decoder") };
/** Models wider than Stable Diffusion 1 that are published as ONNX without a scheduler are the few-step ones. */
const PLAIN_WIDTH_MAX = 768;

/**
 * A folder in diffusers' layout, as far as configurations go. What the graphs show is corrected in the configurations: the channels
 * of a latent, a pinned size, the guidance embedding, the size conditioning.
 *
 * @throws {Failure} "unsupported" if configurations are missing and no published ones go with these graphs.
 */
export async function configsOf(
  folder: ModelFiles,
  root: string,
  published: PublishedConfigs,
  shown: Shown,
): Promise<ModelFiles> {
  const own = ownConfigs(folder, root);
  const other = await chooseOther(published, shown, !own.has(SCHEDULER_FILE));
  const tokenizers = TOKENIZER_FOLDERS.slice(0, shown.hasTwoTexts ? 2 : 1);
  const words = tokenizers.flatMap((folder) => TOKENIZER_FILES.map((name) => `${folder}/${name}`));
  const isTiny = !own.has(VAE) && isTinyDecoder(shown.decoder);
  const needed = [
    UNET,
    SCHEDULER_FILE,
    ...tokenizers.filter((folder) => !hasWords(own, folder)).map((folder) => `${folder}/tokenizer.json`),
    ...(isTiny ? [] : [VAE]),
  ];
  const missing = needed.filter((path) => other === null && !own.has(path));
  if (missing.length > 0)
    throw new Failure(
      "unsupported",
      `The folder has no ${missing.join(", ")}, and its U-Net, which reads texts of width ${shown.unet.hidden.shape[2] || "unknown"}, is none that comes with such papers here. Put them beside the ONNX files, as diffusers does.`,
    );
  const either = async (path: string): Promise<Blob | null> => {
    if (isOnlyOwn(own, path)) return own.open(path);
    return (await own.open(path)) ?? (await other?.open(path)) ?? null;
  };
  const texts = shown.hasTwoTexts ? ["text_encoder", "text_encoder_2"] : ["text_encoder"];
  const encoders = texts.map(configPath);
  const corrections: Readonly<Record<string, (config: JsonObject) => JsonObject>> = {
    // That there is such an encoder is what the graph says; the rest has defaults.
    ...Object.fromEntries(encoders.map((path) => [path, (config: JsonObject) => config])),
    [UNET]: (config) => correctedUnet(config, shown.unet),
    [VAE]: (config) => (isTiny ? tinyDecoderConfig(shown) : config),
    [INDEX_FILE]: plainIndex,
  };
  return {
    paths: [UNET, VAE, INDEX_FILE, SCHEDULER_FILE, ...encoders, ...words],
    async open(path) {
      if (!shown.hasTwoTexts && /^(text_encoder|tokenizer)_2\//.test(path)) return null;
      const file = await either(path);
      const correct = corrections[path];
      if (!correct) return file;
      const config = file ? parseJson(path, await file.text()) : {};
      return new Blob([JSON.stringify(correct(config))], { type: "application/json" });
    },
  };
}

/** True if the folder has the words of a tokenizer in either form. */
function hasWords(own: OwnConfigs, folder: string): boolean {
  return vocabularyIn((name) => own.has(`${folder}/${name}`)) !== null;
}

/** True for words and settings that must not come from two models: a vocabulary's two forms, and how to pad. */
function isOnlyOwn(own: OwnConfigs, path: string): boolean {
  const [folder = "", name = ""] = path.split("/");
  if (name === "special_tokens_map.json") return own.has(`${folder}/tokenizer_config.json`);
  return VOCABULARIES.flat().some((file) => file === name) && hasWords(own, folder);
}

type OwnConfigs = ReturnType<typeof ownConfigs>;

/** The folder's own, beside the networks' folders or above them. */
function ownConfigs(folder: ModelFiles, root: string) {
  const place = (path: string): string | undefined =>
    [path, ALIASES[path] ?? path]
      .flatMap((name) => [root + name, name])
      .find((name) => folder.paths.includes(name));
  return {
    has: (path: string) => place(path) !== undefined,
    async open(path: string): Promise<Blob | null> {
      const found = place(path);
      return found === undefined ? null : folder.open(found);
    },
  };
}

/** The published configurations that go with these graphs; null if there are none. */
async function chooseOther(published: PublishedConfigs, { unet }: Shown, isFewStep: boolean) {
  const fitting: string[] = [];
  for (const name of published.names) {
    const file = await published.open(`${name}/${UNET}`);
    if (file && fits(parseJson(`${name}/${UNET}`, await file.text()), unet)) fitting.push(name);
  }
  const width = extentOf(unet.hidden, 2) ?? 0;
  const isTurbo = (name: string) => name.toLowerCase().includes("turbo");
  const wanted = fitting.filter((name) => isTurbo(name) === (isFewStep && width > PLAIN_WIDTH_MAX));
  const name = wanted[0] ?? fitting[0];
  if (name === undefined) return null;
  const shared = (path: string) => (/^tokenizer(?:_2)?\/(vocab\.json|merges\.txt)$/.exec(path) ?? [])[1];
  return {
    async open(path: string): Promise<Blob | null> {
      const words = shared(path);
      return (
        (await published.open(`${name}/${path}`)) ??
        (words === undefined ? null : published.open(`clip/${words}`))
      );
    },
  };
}

function fits(config: JsonObject, unet: UnetPorts): boolean {
  const agrees = (extent: number | null, key: string) => extent === null || extent === config[key];
  return (
    agrees(extentOf(unet.hidden, 2), "cross_attention_dim") &&
    agrees(extentOf(unet.sample, 1), "in_channels") &&
    (config["time_cond_proj_dim"] != null) === (unet.timestepCond !== null) &&
    (config["addition_embed_type"] === "text_time") === (unet.timeIds !== null)
  );
}

function correctedUnet(config: JsonObject, unet: UnetPorts): JsonObject {
  const [channels, height, width] = [1, 2, 3].map((axis) => extentOf(unet.sample, axis));
  const guidanceWidth = unet.timestepCond && (extentOf(unet.timestepCond, 1) ?? config["time_cond_proj_dim"]);
  const kind = config["addition_embed_type"];
  return {
    ...config,
    ...(channels != null && { in_channels: channels }),
    ...(height != null && width != null && { sample_size: [height, width] }),
    time_cond_proj_dim: guidanceWidth ?? null,
    addition_embed_type: unet.timeIds ? "text_time" : kind === "text_time" ? null : kind,
  };
}

/** TAESD's decoder (https://github.com/madebyollin/taesd) has no norms, as every other has. */
function isTinyDecoder({ operators }: OnnxFile): boolean {
  return ![...operators.keys()].some((operator) => /norm/i.test(operator));
}

/** It takes latents as samplers leave them; each of its levels but one doubles the sides. */
function tinyDecoderConfig({ decoder, latents }: Shown): JsonObject {
  const doublings = ["Resize", "Upsample", "ConvTranspose"].map((name) => decoder.operators.get(name) ?? 0);
  const levels = 1 + doublings.reduce((sum, n) => sum + n, 0);
  const channels = extentOf(latents, 1);
  return {
    _class_name: "AutoencoderTiny",
    scaling_factor: 1,
    ...(channels !== null && { latent_channels: channels }),
    decoder_block_out_channels: new Array<number>(levels).fill(64),
  };
}

/** The pipelines of diffusers and of optimum that run ONNX files have the names of those that they stand for, and more. */
function plainIndex(index: JsonObject): JsonObject {
  const { _class_name: name } = index;
  return { ...index, _class_name: typeof name === "string" ? name.replace(/^(Onnx|ORT)/, "") : undefined };
}
