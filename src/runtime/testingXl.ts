/**
 * For tests: the least that has SDXL's inputs and outputs, so that every number can be told by hand. The encoders look ids up in tables of
 * width 2 and 3, text_embeds is the row `end` of a table, and the U-Net adds 1 · Σ hidden + 1e3 · Σ text_embeds + 1e5 · Σ time_ids.
 */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ModelSource } from "../checkpoint/checkpoint";
import { diffusersSource } from "../checkpoint/diffusersFolder";
import { parametersHash } from "../checkpoint/graph/families";
import type { GraphLibrary } from "../checkpoint/modelFiles";
import { readHeader } from "../checkpoint/weights/safetensors";
import { parameterOf } from "../checkpoint/weights/weightFiles";
import { counting, folderOf, safetensorsOf, type Written } from "./testing";

type Fields = readonly (readonly [number, string | number | Uint8Array])[];

/** A protobuf message of strings, bytes, messages and whole numbers. */
function message(fields: Fields): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  for (const [number, value] of fields) {
    if (typeof value === "number") writer.tag(number, WireType.Varint).int64(value);
    else if (typeof value === "string") writer.tag(number, WireType.LengthDelimited).string(value);
    else writer.tag(number, WireType.LengthDelimited).bytes(value);
  }
  return new Uint8Array(writer.finish());
}

const FLOAT = 1;
const INT32 = 6;
const INT64 = 7;

function port(name: string, type: number, dims: readonly (string | number)[]): Uint8Array {
  const shape = message(dims.map((dim) => [1, message([[typeof dim === "string" ? 2 : 1, dim]])]));
  return message([
    [1, name],
    [
      2,
      message([
        [
          1,
          message([
            [1, type],
            [2, shape],
          ]),
        ],
      ]),
    ],
  ]);
}

function node(operator: string, inputs: readonly string[], output: string): Uint8Array {
  return message([...inputs.map((name) => [1, name] as const), [2, output], [4, operator]]);
}

function constant(name: string, numbers: Float32Array | BigInt64Array, dims: readonly number[]): Uint8Array {
  const type = numbers instanceof Float32Array ? FLOAT : INT64;
  const raw = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return message([...dims.map((dim) => [1, dim] as const), [2, type], [8, name], [9, raw]]);
}

function external(name: string, dims: readonly number[]): Uint8Array {
  return message([...dims.map((dim) => [1, dim] as const), [2, FLOAT], [8, name], [14, 1]]);
}

interface Graph {
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
  readonly nodes: readonly Uint8Array[];
  readonly constants?: readonly Uint8Array[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

function onnx({ inputs, outputs, nodes, constants = [], parameters }: Graph): Blob {
  const initializers = [
    ...constants,
    ...Object.entries(parameters).map(([name, dims]) => external(name, dims)),
  ];
  const list = (number: number, all: readonly Uint8Array[]) => all.map((one) => [number, one] as const);
  const graph = message([
    ...list(1, nodes),
    [2, "g"],
    ...list(5, initializers),
    ...list(11, inputs),
    ...list(12, outputs),
  ]);
  return new Blob([
    message([
      [1, 8],
      [7, graph],
      [8, message([[2, 17]])],
    ]),
  ]);
}

const TABLE = "text_model.embeddings.token_embedding.weight";
const ids = port("input_ids", INT32, ["batch", "tokens"]);
const hidden = (name: string, width: number) => port(name, FLOAT, ["batch", "tokens", width]);
const summed = (name: string, axes: string) => [
  node("ReduceSum", [name, axes], `${name}.sum`),
  node("Reshape", [`${name}.sum`, "row"], `${name}.row`),
  node("Mul", [`${name}.row`, `${name}.weight`], `${name}.part`),
];
const weightOf = (name: string, weight: number) => constant(`${name}.weight`, Float32Array.of(weight), [1]);

const GRAPHS: Readonly<Record<string, Graph>> = {
  text_encoder: {
    inputs: [ids],
    outputs: [hidden("last_hidden_state", 2), hidden("penultimate_hidden_state", 2)],
    nodes: [
      node("Gather", [TABLE, "input_ids"], "penultimate_hidden_state"),
      node("Neg", ["penultimate_hidden_state"], "last_hidden_state"),
    ],
    parameters: { [TABLE]: [10, 2] },
  },
  text_encoder_2: {
    inputs: [ids, port("end", INT32, ["batch"])],
    outputs: [
      hidden("last_hidden_state", 3),
      hidden("penultimate_hidden_state", 3),
      port("text_embeds", FLOAT, ["batch", 4]),
    ],
    nodes: [
      node("Gather", [TABLE, "input_ids"], "penultimate_hidden_state"),
      node("Neg", ["penultimate_hidden_state"], "last_hidden_state"),
      node("Gather", ["text_projection.weight", "end"], "text_embeds"),
    ],
    parameters: { [TABLE]: [10, 3], "text_projection.weight": [5, 4] },
  },
  unet: {
    inputs: [
      port("sample", FLOAT, ["batch", 4, "height", "width"]),
      port("timestep", FLOAT, ["batch"]),
      port("encoder_hidden_states", FLOAT, ["batch", "tokens", 5]),
      port("text_embeds", FLOAT, ["batch", 4]),
      port("time_ids", FLOAT, ["batch", 6]),
    ],
    outputs: [port("out_sample", FLOAT, ["batch", 4, "height", "width"])],
    nodes: [
      ...summed("encoder_hidden_states", "all"),
      ...summed("text_embeds", "last"),
      ...summed("time_ids", "last"),
      node("Mul", ["sample", "conv_in.weight"], "a"),
      node("Add", ["a", "encoder_hidden_states.part"], "b"),
      node("Add", ["b", "text_embeds.part"], "c"),
      node("Add", ["c", "time_ids.part"], "out_sample"),
    ],
    constants: [
      constant("all", BigInt64Array.of(1n, 2n), [2]),
      constant("last", BigInt64Array.of(1n), [1]),
      constant("row", BigInt64Array.of(-1n, 1n, 1n, 1n), [4]),
      weightOf("encoder_hidden_states", 1),
      weightOf("text_embeds", 1e3),
      weightOf("time_ids", 1e5),
    ],
    parameters: { "conv_in.weight": [1] },
  },
  vae_decoder: {
    inputs: [port("latent_sample", FLOAT, ["batch", 4, "height", "width"])],
    outputs: [port("sample", FLOAT, ["batch", 4, "height", "width"])],
    nodes: [node("Mul", ["latent_sample", "scale"], "sample")],
    parameters: { scale: [1] },
  },
};

const FILES: Readonly<Record<string, string>> = {
  text_encoder: "text_encoder/model.safetensors",
  text_encoder_2: "text_encoder_2/model.safetensors",
  unet: "unet/diffusion_pytorch_model.fp16.safetensors",
  vae_decoder: "vae/diffusion_pytorch_model.safetensors",
};

/** The model and its one family of graphs. */
export async function tinyXl(): Promise<{ source: ModelSource; graphs: GraphLibrary }> {
  const files: Record<string, Blob | object> = {};
  const networks: Record<string, object> = {};
  for (const [name, path] of Object.entries(FILES)) {
    const graph = GRAPHS[name];
    if (!graph) throw new Error(`there is no graph of ${name}`);
    const tensors: Record<string, Written> = counting(graph.parameters);
    const file = safetensorsOf(tensors);
    const header = await readHeader(file, path);
    files[path] = file;
    files[path.replace(/[^/]*$/, "config.json")] =
      name === "vae_decoder" ? { scaling_factor: 2, force_upcast: true } : {};
    files[`xl/${name}.f32.onnx`] = onnx(graph);
    files[`xl/${name}.f16.onnx`] = onnx(graph);
    const parameters = new Map([...header].map(([key, tensor]) => [key, parameterOf(file, tensor)]));
    networks[name] = {
      graphs: { f32: `${name}.f32.onnx`, f16: `${name}.f16.onnx` },
      parameters: await parametersHash(parameters),
      config: {},
    };
  }
  files["xl/family.json"] = { name: "xl", networks };
  const folder = folderOf(files);
  return { source: diffusersSource(folder), graphs: { ...folder, families: ["xl"] } };
}
