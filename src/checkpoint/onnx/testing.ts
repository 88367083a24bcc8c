/** Shared by the tests: folders of small real ONNX files in any dialect, whose answers can be written down. */

import type { ModelFiles, PublishedConfigs } from "../modelFiles";
import {
  dataBytes,
  type ElementType,
  type NodeLike,
  onnxBytes,
  type PortLike,
  type Shape,
  TYPES,
  type WeightLike,
} from "./testingBytes";

/** So many ids there are, and so many numbers stand for each: enough that the table is not kept in the graph. */
export const WORDS = 600;
export const WIDTH = 40;
export const POOLED = 8;

/** The number at a place of the table of words: a float16 can hold it. */
export function wordValue(id: number, i: number): number {
  return ((id * 7 + i * 3) % 64) / 32 - 1;
}

const table = (width: number, type: ElementType): WeightLike => ({
  name: "/words/table", // as exporters name constants
  type,
  dims: [WORDS, width],
  data: Array.from({ length: WORDS * width }, (_, at) => wordValue(Math.floor(at / width), at % width)),
});

/** How a dialect writes a folder; what is left out is optimum's. */
export interface DialectLike {
  readonly float?: ElementType;
  readonly ids?: PortLike;
  readonly sample?: PortLike;
  readonly timestep?: PortLike;
  readonly hidden?: PortLike;
  /** Of a guidance-distilled U-Net: extents of `timestep_cond`. */
  readonly guidance?: Shape;
  /** SDXL's second text encoder and size conditioning. */
  readonly isTwo?: boolean;
  readonly latents?: PortLike;
  /** Where the table of words lies; left out, in the graph. */
  readonly location?: string;
  readonly files?: (network: string) => string;
  readonly outputs?: { readonly unet?: string; readonly decoder?: string };
}

/**
 * A folder whose text encoder looks words up in a table, whose U-Net gives sample/2 + timestep/1000 + the means of everything else,
 * and whose decoder repeats each number of channels 0 to 2 eight times along each side.
 */
export function folderOf(dialect: DialectLike = {}): Record<string, Uint8Array<ArrayBuffer>> {
  const files = dialect.files ?? ((network: string) => `${network}/model.onnx`);
  const folder: Record<string, Uint8Array<ArrayBuffer>> = {
    [files("unet")]: unetBytes(dialect),
    [files("vae_decoder")]: decoderBytes(dialect),
  };
  for (const network of dialect.isTwo ? ["text_encoder", "text_encoder_2"] : ["text_encoder"]) {
    const path = files(network);
    folder[path] = textEncoderBytes(dialect, network === "text_encoder_2");
    if (dialect.location !== undefined)
      folder[path.slice(0, path.lastIndexOf("/") + 1) + dialect.location.replace("./", "")] =
        externalBytes(dialect);
  }
  return folder;
}

const OFFSET = 4096;

function externalBytes({ float = "float32" }: DialectLike): Uint8Array<ArrayBuffer> {
  const data = dataBytes(table(WIDTH, float));
  const bytes = new Uint8Array(OFFSET + data.length);
  bytes.set(data, OFFSET);
  return bytes;
}

function textEncoderBytes(dialect: DialectLike, isSecond: boolean): Uint8Array<ArrayBuffer> {
  const { float = "float32", location, isTwo } = dialect;
  const ids = dialect.ids ?? (["input_ids", "int64", ["batch_size", "sequence_length"]] as const);
  const state = isTwo ? "hidden_states.1" : "last_hidden_state";
  const external = location === undefined ? {} : { external: { location, offset: OFFSET } };
  const nodes: NodeLike[] = [
    { op: "Gather", inputs: ["/words/table", ids[0]], outputs: [state] },
    { op: "Neg", inputs: [state], outputs: ["hidden_states.2"] },
    { op: "ReduceMean", inputs: [state], outputs: ["mean"], attributes: { axes: [1], keepdims: 0 } },
    { op: "Slice", inputs: ["mean", "zero", "pooled", "one"], outputs: ["text_embeds"] },
  ];
  const pooled = ["text_embeds", float, ["", POOLED]] as const;
  const states = (isTwo ? ["hidden_states.2", state] : [state]).map(
    (name) => [name, float, ["", "", WIDTH]] as const,
  );
  return onnxBytes({
    inputs: [ids],
    outputs: isSecond ? [pooled, ...states] : states,
    weights: [
      { ...table(WIDTH, float), ...external },
      number("zero", 0),
      number("pooled", POOLED),
      number("one", 1),
    ],
    nodes,
  });
}

function number(name: string, value: number): WeightLike {
  return { name, type: "int64", dims: [1], data: [value] };
}

function unetBytes(dialect: DialectLike): Uint8Array<ArrayBuffer> {
  const { float = "float32", isTwo, guidance, outputs } = dialect;
  const sample =
    dialect.sample ?? (["sample", float, ["batch_size", "num_channels", "height", "width"]] as const);
  const timestep = dialect.timestep ?? (["timestep", "int64", ["steps"]] as const);
  const width = isTwo ? 2 * WIDTH : WIDTH;
  const hidden =
    dialect.hidden ?? (["encoder_hidden_states", float, ["batch_size", "sequence_length", width]] as const);
  const extras: PortLike[] = [];
  if (isTwo)
    extras.push(["text_embeds", float, ["batch_size", POOLED]], ["time_ids", float, ["batch_size", 6]]);
  if (guidance) extras.push(["timestep_cond", float, guidance]);
  const flat = { name: "flat", type: "int64", dims: [4], data: [-1, 1, 1, 1] } as const;
  const constant = (name: string, value: number): WeightLike => ({
    name,
    type: float,
    dims: [],
    data: [value],
  });
  const nodes: NodeLike[] = [
    { op: "Mul", inputs: [sample[0], "half"], outputs: ["sum0"] },
    { op: "Cast", inputs: [timestep[0]], outputs: ["time"], attributes: { to: TYPES[float] } },
    { op: "Mul", inputs: ["time", "thousandth"], outputs: ["share"] },
    { op: "Reshape", inputs: ["share", "flat"], outputs: ["added0"] },
  ];
  for (const [i, [name, , shape]] of [hidden, ...extras].entries()) {
    const axes = shape.map((_, axis) => axis).slice(1);
    nodes.push({
      op: "ReduceMean",
      inputs: [name],
      outputs: [`mean${i}`],
      attributes: { axes, keepdims: 0 },
    });
    nodes.push({ op: "Reshape", inputs: [`mean${i}`, "flat"], outputs: [`added${i + 1}`] });
  }
  const last = extras.length + 1;
  const output = outputs?.unet ?? "out_sample";
  for (let i = 0; i <= last; i++)
    nodes.push({
      op: "Add",
      inputs: [`sum${i}`, `added${i}`],
      outputs: [i === last ? output : `sum${i + 1}`],
    });
  return onnxBytes({
    inputs: [sample, timestep, hidden, ...extras],
    outputs: [[output, float, ["", "", "", ""]]],
    weights: [flat, constant("half", 0.5), constant("thousandth", 0.001)],
    nodes,
  });
}

function decoderBytes(dialect: DialectLike): Uint8Array<ArrayBuffer> {
  const { float = "float32", outputs } = dialect;
  const symbols = ["batch_size", "num_channels_latent", "height_latent", "width_latent"];
  const latents = dialect.latents ?? (["latent_sample", float, symbols] as const);
  const output = outputs?.decoder ?? "sample";
  const weights: WeightLike[] = [
    number("zero", 0),
    number("three", 3),
    number("one", 1),
    { name: "scales", type: "float32", dims: [4], data: [1, 1, 2, 2] },
  ];
  const nodes: NodeLike[] = [
    { op: "Slice", inputs: [latents[0], "zero", "three", "one"], outputs: ["three_channels"] },
    { op: "Resize", inputs: ["three_channels", "", "scales"], outputs: ["twice"] },
    { op: "Resize", inputs: ["twice", "", "scales"], outputs: ["four_times"] },
    { op: "Resize", inputs: ["four_times", "", "scales"], outputs: [output] },
  ];
  return onnxBytes({ inputs: [latents], outputs: [[output, float, ["", "", "", ""]]], weights, nodes });
}

/** Bytes or JSON by path, as a folder. */
export function filesOf(entries: Readonly<Record<string, Uint8Array<ArrayBuffer> | object>>): ModelFiles {
  return {
    paths: Object.keys(entries),
    async open(path) {
      const entry = entries[path];
      if (entry === undefined) return null;
      return new Blob([entry instanceof Uint8Array ? entry : JSON.stringify(entry)]);
    },
  };
}

/** Configurations of the model that these folders are of, as "small", "small-lcm" and "small-xl". */
export const PUBLISHED: PublishedConfigs = {
  ...filesOf({
    "small/model_index.json": { _class_name: "StableDiffusionPipeline" },
    "small/unet/config.json": {
      in_channels: 4,
      cross_attention_dim: WIDTH,
      sample_size: 8,
      block_out_channels: [8, 8],
    },
    "small-lcm/unet/config.json": { in_channels: 4, cross_attention_dim: WIDTH, time_cond_proj_dim: 256 },
    "small-xl/unet/config.json": {
      in_channels: 4,
      cross_attention_dim: 2 * WIDTH,
      addition_embed_type: "text_time",
    },
    "small/vae/config.json": { block_out_channels: [8, 8, 8, 8], scaling_factor: 0.5 },
    "small/scheduler/scheduler_config.json": { _class_name: "PNDMScheduler" },
    "small/tokenizer/tokenizer_config.json": { pad_token: "!" },
    "small/tokenizer/special_tokens_map.json": { pad_token: "!" },
    "clip/vocab.json": { "!": 0 },
    "clip/merges.txt": {},
  }),
  names: ["small", "small-lcm", "small-xl"],
};

/** The decoder's configuration, where a folder of optimum's has it. */
export const VAE = { "vae_decoder/config.json": { block_out_channels: [8, 8, 8, 8], scaling_factor: 0.5 } };
