/** Everything about a model but its networks, from its configuration files. */

import * as v from "valibot";
import type { ModelCard } from "../core/modelCard";
import type { RgbMap } from "../core/pixels";
import { isSamplerId, type SamplerId } from "../core/recipe";
import { parseSchedulerConfig, type SchedulerConfig } from "../diffusion/schedule/schedulerConfig";
import { clipTokenizer, type PromptTokenizer } from "../prompt/clipTokenizer";
import { NO_MEANINGS } from "../prompt/understanding/meanings";
import { type Understood, understanding } from "../prompt/understanding/understood";
import { type ConfigFiles, configFilesOf, type ReadText } from "./config/configFiles";
import { type LatentSpace, latentSpaceOf, rgbMapOf } from "./config/latentFormat";
import { type NetworkConfigs, readNetworkConfigs } from "./config/networkConfigs";
import { effortFor, type SamplerChoice, samplerFor, trainedSize } from "./config/recommended";
import type { TextConfig } from "./config/text";
import { pixelsPerLatentOf } from "./config/vae";
import { check } from "./json";

/** A model's files, understood. */
export interface Model {
  readonly card: ModelCard;
  /** One per text encoder, the first one first. */
  readonly tokenizers: readonly [PromptTokenizer, ...PromptTokenizer[]];
  /** The model's understanding of a text; null if its makers did not say which words it knows. */
  readonly understand: ((text: string) => Understood) | null;
  readonly schedulerConfig: SchedulerConfig;
  /** Channels of a latent, from the autoencoder's `latent_channels`. */
  readonly latentChannels: number;
  /** Whether the U-Net is told the picture's size: SDXL's `addition_embed_type` "text_time". */
  readonly wantsTimeIds: boolean;
  /** How many numbers tell a guidance-distilled U-Net the guidance scale, from its `time_cond_proj_dim`; null for others. */
  readonly guidanceEmbeddingWidth: number | null;
  /** Whether no negative prompt means embeddings of zeros, not those of an empty text. */
  readonly zerosForNoNegative: boolean;
  /** Pixels per latent along each side, from the autoencoder's levels. */
  readonly pixelsPerLatent: number;
  /** The LoRA that makes the U-Net its few-step student, a path in the folder; null if there is none. */
  readonly fewStepWeights: string | null;
  /** The linear map from latents to colours, for previews; null if the model brings none. */
  readonly rgbMap: RgbMap | null;
  /** The space of its latents, which decoders of others' making may be for; null if it is one of its own, as with a sidecar, or unknown. */
  readonly latentSpace: LatentSpace | null;
}

const text = v.string();
const positive = v.pipe(v.number(), v.finite(), v.minValue(1));
const RECOMMENDED = {
  sampler: v.custom<SamplerId>((id) => typeof id === "string" && isSamplerId(id), "is not a sampler's id"),
  steps: v.pipe(positive, v.integer()),
  guidanceScale: v.pipe(v.number(), v.finite()),
};
const SIDECAR = v.object({
  name: text,
  summary: text,
  licence: text,
  defaults: v.object({
    ...RECOMMENDED,
    width: v.pipe(positive, v.integer()),
    height: v.pipe(positive, v.integer()),
  }),
  preview: v.object({
    matrix: v.array(v.tuple([v.number(), v.number(), v.number()])),
    bias: v.tuple([v.number(), v.number(), v.number()]),
  }),
  vocabulary: v.record(text, v.array(text)),
  few_step: v.optional(
    v.object({
      ...RECOMMENDED,
      weights: v.pipe(text, v.regex(/^(\w+\/)*\w+\.safetensors$/, "is not the path of a safetensors file")),
    }),
  ),
  promptMatch: v.optional(
    v.object({ typical: v.pipe(v.number(), v.finite()), mismatched: v.pipe(v.number(), v.finite()) }),
  ),
  examples: v.array(
    v.object({
      prompt: text,
      seed: v.pipe(
        v.union([text, v.number()]),
        v.transform(String),
        v.regex(/^\d+$/, "is not a whole number"),
      ),
    }),
  ),
});

const MEANINGS = v.object({
  languages: v.record(text, v.record(text, v.record(text, text))),
  nothing: text,
});

type Sidecar = v.InferOutput<typeof SIDECAR>;

/**
 * Reads a model's configurations in diffusers' layout (and our optional `afterimage.json`).
 *
 * @param name what to call a model whose makers left no sidecar: the name of its folder or file.
 * @throws {Failure} "model-corrupt" naming the file and the field, "unsupported" for a model that cannot be drawn with here.
 */
export async function readModel(read: ReadText, name = "Unnamed checkpoint"): Promise<Model> {
  const configFiles = configFilesOf(read);
  const configs = await readNetworkConfigs(configFiles);
  const pixelsPerLatent = pixelsPerLatentOf(configs.vae);
  const schedulerJson = await configFiles.json("scheduler/scheduler_config.json");
  const schedulerConfig = parseSchedulerConfig(asItsPipelineReads(schedulerJson, configs.pipeline));
  const sidecarJson = await configFiles.optionalJson("afterimage.json");
  const sidecar =
    sidecarJson === null
      ? plainSidecar(name, configs, samplerFor(schedulerJson), schedulerConfig)
      : check("afterimage.json", SIDECAR, sidecarJson);
  const { few_step: fewStep } = sidecar;
  return {
    card: cardOf(sidecar, pixelsPerLatent * 2 ** (configs.unet.block_out_channels.length - 1)),
    tokenizers: await readTokenizers(configFiles, configs, sidecar.vocabulary?.["words"] ?? null),
    understand: await readUnderstanding(configFiles, sidecar.vocabulary),
    schedulerConfig,
    latentChannels: configs.vae.latent_channels,
    wantsTimeIds: configs.unet.addition_embed_type === "text_time",
    guidanceEmbeddingWidth: configs.unet.time_cond_proj_dim ?? null,
    zerosForNoNegative: configs.zerosForNoNegative,
    pixelsPerLatent,
    fewStepWeights: fewStep?.weights ?? null,
    rgbMap: sidecar.preview,
    latentSpace: sidecarJson === null ? latentSpaceOf(configs) : null,
  };
}

/** By `meanings.json`, what people say for the words of a vocabulary; without it by the vocabulary alone. */
async function readUnderstanding(
  configFiles: ConfigFiles,
  vocabulary: ModelCard["vocabulary"],
): Promise<Model["understand"]> {
  if (vocabulary === null) return null;
  const json = await configFiles.optionalJson("meanings.json");
  return understanding(vocabulary, json === null ? NO_MEANINGS : check("meanings.json", MEANINGS, json));
}

/** diffusers' StableDiffusionPipeline takes an old configuration's `steps_offset`, whatever it is, for 1. */
function asItsPipelineReads(schedulerJson: unknown, pipeline: string | null): unknown {
  if (pipeline !== "StableDiffusionPipeline" || typeof schedulerJson !== "object") return schedulerJson;
  return { ...schedulerJson, steps_offset: 1 };
}

function cardOf(sidecar: Sidecar | PlainSidecar, sideMultiplePx: number): ModelCard {
  const { defaults, few_step: fewStep } = sidecar;
  return {
    name: sidecar.name,
    summary: sidecar.summary,
    licence: sidecar.licence,
    defaults: {
      sampler: defaults.sampler,
      steps: defaults.steps,
      guidanceScale: defaults.guidanceScale,
      widthPx: defaults.width,
      heightPx: defaults.height,
    },
    fewStep: fewStep
      ? { sampler: fewStep.sampler, steps: fewStep.steps, guidanceScale: fewStep.guidanceScale }
      : null,
    sideMultiplePx,
    vocabulary: sidecar.vocabulary,
    promptMatch: sidecar.promptMatch ?? null,
    examples: sidecar.examples,
  };
}

async function readTokenizers(
  configFiles: ConfigFiles,
  { texts: [first, ...others] }: NetworkConfigs,
  knownWords: readonly string[] | null,
): Promise<Model["tokenizers"]> {
  const readTokenizer = async (folder: string, text: TextConfig) => {
    const vocab = await configFiles.optionalJson(`${folder}/vocab.json`);
    const merges = await configFiles.optionalText(`${folder}/merges.txt`);
    const isSplit = vocab !== null && merges !== null;
    return clipTokenizer(
      {
        vocab,
        merges,
        tokenizer: isSplit ? null : await configFiles.optionalJson(`${folder}/tokenizer.json`),
        tokenizerConfig: await configFiles.optionalJson(`${folder}/tokenizer_config.json`),
        specialTokensMap: await configFiles.optionalJson(`${folder}/special_tokens_map.json`),
      },
      { knownWords, ...text },
    );
  };
  const more = others.map((text, i) => readTokenizer(`tokenizer_${i + 2}`, text));
  return [await readTokenizer("tokenizer", first), ...(await Promise.all(more))];
}

interface PlainSidecar extends Omit<Sidecar, "preview" | "vocabulary"> {
  readonly preview: RgbMap | null;
  readonly vocabulary: null;
}

/** For checkpoints that came without our sidecar: what their other configurations say. */
function plainSidecar(
  name: string,
  configs: NetworkConfigs,
  { sampler, remark }: SamplerChoice,
  schedulerConfig: SchedulerConfig,
): PlainSidecar {
  const pixelsPerLatent = pixelsPerLatentOf(configs.vae);
  const [rows, columns] = trainedSize(configs);
  const space = latentSpaceOf(configs);
  return {
    name,
    summary: remark ?? "",
    licence: "not stated",
    defaults: {
      sampler,
      ...effortFor(configs, sampler, schedulerConfig),
      width: columns * pixelsPerLatent,
      height: rows * pixelsPerLatent,
    },
    preview: space && rgbMapOf(space),
    vocabulary: null,
    examples: [],
  };
}
