/** Gives a graph without weights the weights of a checkpoint: every external initializer gets a range of bytes to read. */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Failure } from "../core/failure";
import { FLOAT_BYTES, type GraphFloat, isStoredFloat, type StoredFloat } from "./dtype";
import {
  type ModelProto,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from "./onnx_pb";
import type { SafetensorsHeader } from "./safetensors";

/** Part of the checkpoint file, used as it is. */
export interface Slice {
  readonly kind: "slice";
  /** The name under which the graph knows these bytes. */
  readonly location: string;
  /** Range in the checkpoint file. */
  readonly begin: number;
  readonly end: number;
}

/** One tensor whose format in the file is not the graph's. */
export interface Conversion {
  readonly begin: number;
  readonly end: number;
  readonly from: StoredFloat;
  readonly to: GraphFloat;
  /** Where it goes in the converted bytes. */
  readonly offset: number;
}

/** Bytes that are made while the checkpoint is read. */
export interface Converted {
  readonly kind: "converted";
  readonly location: string;
  readonly bytes: number;
  readonly tensors: readonly Conversion[];
}

/** Where a parameter stands once its mount has been read. */
export interface Place {
  /** Of the mount. */
  readonly location: string;
  /** Range in the mount. */
  readonly begin: number;
  readonly end: number;
  readonly dtype: GraphFloat;
  readonly dims: readonly number[];
}

/** A graph that ONNX Runtime can open once the mounts are in place. */
export interface BoundGraph {
  /** The ONNX file. */
  readonly model: Uint8Array<ArrayBuffer>;
  readonly mounts: readonly (Slice | Converted)[];
  /** Every parameter of the graph, by name. */
  readonly places: ReadonlyMap<string, Place>;
  /** Bytes of the checkpoint that the mounts are made of. */
  readonly readBytes: number;
}

/** A parameter that the graph wants and the file has. */
interface Match {
  readonly tensor: TensorProto;
  readonly begin: number;
  readonly end: number;
  readonly from: StoredFloat;
  readonly to: GraphFloat;
}

/** Tells a parameter where it will stand. */
type Put = (match: Match, location: string, begin: number, end: number) => void;

/** ONNX's TensorProto.DataType of what our graphs compute in. */
const GRAPH_FLOATS: Readonly<Record<number, GraphFloat>> = { 1: "F32", 10: "F16" };
/** A browser reads no more than about 2 GiB into one buffer; well under it leaves room for the rest of the page. */
const MOUNT_BYTES_MAX = 256 * 2 ** 20;
/** Unused bytes between two tensors that are cheaper to carry along than to cut out. */
const GAP_BYTES_MAX = 2 ** 20;

/**
 * @param network for messages, e.g. "unet".
 * @param graph an ONNX file whose initializers with `data_location` EXTERNAL bear names of parameters.
 * @param header what the checkpoint holds.
 * @throws {Failure} "model-corrupt" if a parameter is missing or misshapen, "unsupported" if it is of another dtype.
 */
export function bindWeights(network: string, graph: Uint8Array, header: SafetensorsHeader): BoundGraph {
  const model = parse(network, graph);
  const matches = (model.graph?.initializer ?? [])
    .filter(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL)
    .map((tensor) => match(network, tensor, header))
    .sort((a, b) => a.begin - b.begin);
  const places = new Map<string, Place>();
  const put: Put = ({ tensor, to }, location, begin, end) => {
    point(tensor, location, begin, end - begin);
    places.set(tensor.name, { location, begin, end, dtype: to, dims: tensor.dims.map(Number) });
  };
  const slices = cutSlices(
    matches.filter(({ from, to }) => from === to),
    put,
  );
  const converted = packConverted(
    matches.filter(({ from, to }) => from !== to),
    put,
  );
  return {
    model: toBinary(ModelProtoSchema, model),
    mounts: [...slices, ...converted],
    places,
    readBytes: sum(slices.map(bytesOf)) + sum(converted.flatMap(({ tensors }) => tensors.map(bytesOf))),
  };
}

function parse(network: string, graph: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, graph);
  } catch (cause) {
    throw new Failure("model-corrupt", `${network}: its graph is not an ONNX file. Reload the page.`, {
      cause,
    });
  }
}

function match(network: string, tensor: TensorProto, header: SafetensorsHeader): Match {
  const { name } = tensor;
  const to = GRAPH_FLOATS[tensor.dataType];
  if (!to)
    throw new Failure(
      "internal",
      `${network}: ${name}: a graph wants ONNX dtype ${tensor.dataType}, not f32 or f16.`,
    );
  const wanted = tensor.dims.map(Number);
  const stored = header.get(name);
  if (!stored)
    throw new Failure(
      "model-corrupt",
      `${network}: ${name} is missing: wanted [${wanted.join(", ")}], the file has no such tensor.`,
    );
  if (stored.shape.length !== wanted.length || stored.shape.some((extent, i) => extent !== wanted[i]))
    throw new Failure(
      "model-corrupt",
      `${network}: ${name}: wanted [${wanted.join(", ")}], the file has [${stored.shape.join(", ")}].`,
    );
  if (!isStoredFloat(stored.dtype))
    throw new Failure(
      "unsupported",
      `${network}: ${name} is stored as ${stored.dtype}; wanted F32, F16 or BF16.`,
    );
  return { tensor, begin: stored.begin, end: stored.end, from: stored.dtype, to };
}

/** Cuts the file into few slices, each under the limit unless it is one tensor, and points the tensors into them. */
function cutSlices(matches: readonly Match[], put: Put): Slice[] {
  const slices: { kind: "slice"; location: string; begin: number; end: number }[] = [];
  for (const match of matches) {
    const { begin, end } = match;
    let slice = slices.at(-1);
    if (!slice || end - slice.begin > MOUNT_BYTES_MAX || begin - slice.end > GAP_BYTES_MAX) {
      slice = { kind: "slice", location: `checkpoint.${slices.length}`, begin, end };
      slices.push(slice);
    }
    slice.end = end;
    put(match, slice.location, begin - slice.begin, end - slice.begin);
  }
  return slices;
}

/** Lays converted tensors one behind the other, in mounts under the limit, and points them there. */
function packConverted(matches: readonly Match[], put: Put): Converted[] {
  const packs: { kind: "converted"; location: string; bytes: number; tensors: Conversion[] }[] = [];
  for (const match of matches) {
    const { begin, end, from, to } = match;
    const length = ((end - begin) / FLOAT_BYTES[from]) * FLOAT_BYTES[to];
    let pack = packs.at(-1);
    if (!pack || pack.bytes + length > MOUNT_BYTES_MAX) {
      pack = { kind: "converted", location: `converted.${packs.length}`, bytes: 0, tensors: [] };
      packs.push(pack);
    }
    pack.tensors.push({ begin, end, from, to, offset: pack.bytes });
    put(match, pack.location, pack.bytes, pack.bytes + length);
    pack.bytes += length;
  }
  return packs;
}

function bytesOf({ begin, end }: { readonly begin: number; readonly end: number }): number {
  return end - begin;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function point(tensor: TensorProto, location: string, offset: number, length: number): void {
  tensor.externalData = Object.entries({ location, offset: String(offset), length: String(length) }).map(
    ([key, value]) => create(StringStringEntryProtoSchema, { key, value }),
  );
}
