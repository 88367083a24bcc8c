/** A diffusers folder, read: everything about a model but its networks. */

import * as v from "valibot";
import { Failure } from "../core/failure";
import type { ModelCard } from "../core/modelCard";
import { isSamplerId, type SamplerId } from "../core/recipe";
import { parseSchedulerConfig, type SchedulerConfig } from "../diffusion/schedulerConfig";
import type { RgbMap } from "../image/latentPreview";
import { clipTokenizer, type PromptTokenizer } from "../prompt/clipTokenizer";

/** A model's files, understood. */
export interface Model {
  readonly card: ModelCard;
  /** One per text encoder, the first one first. */
  readonly tokenizers: readonly [PromptTokenizer, ...PromptTokenizer[]];
  readonly schedulerConfig: SchedulerConfig;
  /** Channels of a latent, from the U-Net's `in_channels`. */
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
  readonly studentWeights: string | null;
  /** The linear map from latents to colours, for previews; null if the model brings none. */
  readonly rgbMap: RgbMap | null;
}

/** Reads a text file of the model folder; null if there is none. */
export type ReadText = (path: string) => Promise<string | null>;

const text = v.string();
const positive = v.pipe(v.number(), v.finite(), v.minValue(1));
const channels = v.pipe(v.array(positive), v.minLength(1));

const UNET = v.object({
  in_channels: v.pipe(positive, v.integer()),
  sample_size: v.union([positive, v.tuple([positive, positive])]),
  block_out_channels: channels,
});
const VAE = v.object({
  block_out_channels: v.optional(channels),
  decoder_block_out_channels: v.optional(channels),
});
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
  student: v.optional(
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

/**
 * Reads a model folder in diffusers' layout (and our optional `afterimage.json`).
 *
 * @throws {Failure} "model-corrupt" naming the file and the field, "unsupported" for an autoencoder we cannot size.
 */
export async function readModel(read: ReadText): Promise<Model> {
  const json = async (path: string): Promise<unknown> => parseJson(path, await required(read, path));
  const optionalJson = async (path: string): Promise<unknown> => {
    const found = await read(path);
    return found === null ? null : parseJson(path, found);
  };
  const unet = check("unet/config.json", UNET, await json("unet/config.json"));
  const pixelsPerLatent = pixelsPerLatentOf(check("vae/config.json", VAE, await json("vae/config.json")));
  const sidecarJson = await optionalJson("afterimage.json");
  const sidecar = sidecarJson === null ? null : check("afterimage.json", SIDECAR, sidecarJson);
  const { defaults, student, ...words } = sidecar ?? plainSidecar(unet.sample_size, pixelsPerLatent);
  return {
    card: {
      name: words.name,
      summary: words.summary,
      licence: words.licence,
      defaults: {
        sampler: defaults.sampler,
        steps: defaults.steps,
        guidanceScale: defaults.guidanceScale,
        widthPx: defaults.width,
        heightPx: defaults.height,
      },
      student: student
        ? { sampler: student.sampler, steps: student.steps, guidanceScale: student.guidanceScale }
        : null,
      sideMultiplePx: pixelsPerLatent * 2 ** (unet.block_out_channels.length - 1),
      vocabulary: words.vocabulary,
      promptMatch: words.promptMatch ?? null,
      examples: words.examples,
    },
    tokenizers: [
      clipTokenizer(
        {
          vocab: await json("tokenizer/vocab.json"),
          merges: await required(read, "tokenizer/merges.txt"),
          tokenizerConfig: await json("tokenizer/tokenizer_config.json"),
          specialTokensMap: await optionalJson("tokenizer/special_tokens_map.json"),
        },
        { knownWords: words.vocabulary?.["words"] ?? null },
      ),
    ],
    wantsTimeIds: false,
    guidanceEmbeddingWidth: null,
    zerosForNoNegative: false,
    schedulerConfig: parseSchedulerConfig(await json("scheduler/scheduler_config.json")),
    latentChannels: unet.in_channels,
    pixelsPerLatent,
    studentWeights: student?.weights ?? null,
    rgbMap: words.preview,
  };
}

/** For checkpoints that came without our sidecar: the size they were trained at, and the strength of diffusers' own pipeline. */
function plainSidecar(sampleSize: number | readonly [number, number], pixelsPerLatent: number) {
  const [rows, columns] = typeof sampleSize === "number" ? [sampleSize, sampleSize] : sampleSize;
  return {
    name: "Unnamed checkpoint",
    summary: "",
    licence: "not stated",
    defaults: {
      sampler: "ddim",
      steps: 25,
      guidanceScale: 7.5,
      width: columns * pixelsPerLatent,
      height: rows * pixelsPerLatent,
    },
    student: null,
    preview: null,
    vocabulary: null,
    promptMatch: null,
    examples: [],
  } as const;
}

/** Each level of the autoencoder but one halves the sides. */
function pixelsPerLatentOf(vae: v.InferOutput<typeof VAE>): number {
  const levels = (vae.decoder_block_out_channels ?? vae.block_out_channels)?.length;
  if (levels !== undefined) return 2 ** (levels - 1);
  throw new Failure(
    "unsupported",
    "vae/config.json: wanted block_out_channels or decoder_block_out_channels, to know how many pixels a latent covers; neither is there.",
  );
}

async function required(read: ReadText, path: string): Promise<string> {
  const found = await read(path);
  if (found === null)
    throw new Failure(
      "model-corrupt",
      `${path} is missing: a model is a folder in diffusers' layout, with this file in it.`,
    );
  return found;
}

function parseJson(path: string, source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (cause) {
    throw new Failure(
      "model-corrupt",
      `${path} is not JSON: the file is damaged, or is not what its name says.`,
      {
        cause,
      },
    );
  }
}

function check<S extends v.GenericSchema>(path: string, schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Failure(
    "model-corrupt",
    `${path}: ${v.getDotPath(issue) ?? "the whole file"}: ${issue.message}.`,
  );
}
