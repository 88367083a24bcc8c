/** Writes small ONNX files for the tests: the fields of onnx.proto under their numbers. */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { floatsToHalves } from "../weights/dtype";

/** TensorProto.DataType. */
export const TYPES = { float32: 1, int32: 6, int64: 7, float16: 10, float64: 11 } as const;

export type ElementType = keyof typeof TYPES;
export type Shape = readonly (number | string)[];
/** Name, dtype and extents; "" is one that is free and has no name. */
export type PortLike = readonly [string, ElementType, Shape];

/** A weight: its numbers stand in the graph, or in a file that the graph names. */
export interface WeightLike {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: readonly number[];
  readonly external?: { readonly location: string; readonly offset: number };
}

export interface NodeLike {
  readonly op: string;
  /** Left out, ONNX's own. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

/** An ONNX file of these parts, of operator set 17. */
export function onnxBytes(parts: {
  readonly inputs: readonly PortLike[];
  readonly outputs: readonly PortLike[];
  readonly weights?: readonly WeightLike[];
  readonly nodes: readonly NodeLike[];
}): Uint8Array<ArrayBuffer> {
  const graph = new BinaryWriter();
  for (const node of parts.nodes) put(graph, 1, nodeBytes(node));
  put(graph, 2, utf8("graph"));
  for (const weight of parts.weights ?? []) put(graph, 5, weightBytes(weight));
  for (const port of parts.inputs) put(graph, 11, portBytes(port));
  for (const port of parts.outputs) put(graph, 12, portBytes(port));
  const model = new BinaryWriter();
  model.tag(1, WireType.Varint).int64(8);
  put(model, 7, graph.finish());
  put(model, 8, new BinaryWriter().tag(2, WireType.Varint).int64(17).finish());
  return model.finish();
}

/** A weight's numbers as they lie in a file. */
export function dataBytes({ type, data }: WeightLike): Uint8Array<ArrayBuffer> {
  if (type === "float16") return new Uint8Array(floatsToHalves(Float32Array.from(data)).buffer);
  if (type === "float64") return new Uint8Array(Float64Array.from(data).buffer);
  if (type === "int64") return new Uint8Array(BigInt64Array.from(data, BigInt).buffer);
  return new Uint8Array((type === "int32" ? Int32Array : Float32Array).from(data).buffer);
}

function put(writer: BinaryWriter, field: number, bytes: Uint8Array): void {
  writer.tag(field, WireType.LengthDelimited).bytes(bytes);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function weightBytes(weight: WeightLike): Uint8Array {
  const { name, type, dims, external } = weight;
  const writer = new BinaryWriter();
  for (const extent of dims) writer.tag(1, WireType.Varint).int64(extent);
  writer.tag(2, WireType.Varint).int32(TYPES[type]);
  put(writer, 8, utf8(name));
  if (!external) {
    put(writer, 9, dataBytes(weight));
    return writer.finish();
  }
  const { location, offset } = external;
  const length = dataBytes(weight).length;
  for (const [key, value] of Object.entries({ location, offset, length })) {
    const entry = new BinaryWriter();
    put(entry, 1, utf8(key));
    put(entry, 2, utf8(String(value)));
    put(writer, 13, entry.finish());
  }
  return writer.tag(14, WireType.Varint).int32(1).finish();
}

function nodeBytes({ op, domain = "", inputs, outputs, attributes = {} }: NodeLike): Uint8Array {
  const writer = new BinaryWriter();
  for (const name of inputs) put(writer, 1, utf8(name));
  for (const name of outputs) put(writer, 2, utf8(name));
  put(writer, 4, utf8(op));
  if (domain !== "") put(writer, 7, utf8(domain));
  for (const [name, value] of Object.entries(attributes)) {
    const attribute = new BinaryWriter();
    put(attribute, 1, utf8(name));
    if (typeof value === "number") attribute.tag(3, WireType.Varint).int64(value);
    else for (const one of value) attribute.tag(8, WireType.Varint).int64(one);
    attribute.tag(20, WireType.Varint).int32(typeof value === "number" ? 2 : 7);
    put(writer, 5, attribute.finish());
  }
  return writer.finish();
}

function portBytes([name, type, shape]: PortLike): Uint8Array {
  const dims = new BinaryWriter();
  for (const extent of shape) {
    const dim = new BinaryWriter();
    if (typeof extent === "number") dim.tag(1, WireType.Varint).int64(extent);
    else if (extent !== "") put(dim, 2, utf8(extent));
    put(dims, 1, dim.finish());
  }
  const tensor = new BinaryWriter().tag(1, WireType.Varint).int32(TYPES[type]);
  put(tensor, 2, dims.finish());
  const kind = new BinaryWriter();
  put(kind, 1, tensor.finish());
  const port = new BinaryWriter();
  put(port, 1, utf8(name));
  put(port, 2, kind.finish());
  return port.finish();
}
