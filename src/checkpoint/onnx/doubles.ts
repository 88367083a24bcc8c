/**
 * Old exporters of Stable Diffusion wrote constants in 64 bits: the exponent of a `Pow`, the bounds of a `Clip`. ONNX Runtime Web has few
 * kernels for them, so the small parts of a graph are read as if they had been written in 32 bits. Bytes are rewritten field by field
 * (https://protobuf.dev/programming-guides/encoding/); what is not named here stays as it was.
 */

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** TensorProto.DataType. */
const FLOAT = 1;
const DOUBLE = 11;
/** Numbers of fields in onnx.proto. */
const TENSOR = { type: 2, floats: 4, raw: 9, doubles: 10 } as const;
const ATTRIBUTE = { name: 1, int: 3 } as const;
const FLOAT32_MAX = 3.4028234663852886e38;

/** Rewrites the content of a message. */
type Rewrite = (content: Uint8Array) => Uint8Array;

/** A node (NodeProto) whose constants and casts are in 32 bits. */
export const nodeInFloats: Rewrite = (node) => rewritten(node, { 5: attributeInFloats });

/** The description of a value (ValueInfoProto) in 32 bits. */
export const valueInFloats: Rewrite = (value) =>
  rewritten(value, { 2: (type) => rewritten(type, { 1: (tensor) => rewritten(tensor, {}, 1) }) });

/** A tensor (TensorProto) in 32 bits. Numbers beyond their range become its ends: they stand for "no limit". */
export function tensorInFloats(tensor: Uint8Array): Uint8Array {
  const fields = [...fieldsIn(tensor)];
  if (!fields.some(({ number, int }) => number === TENSOR.type && int === DOUBLE)) return tensor;
  const writer = new BinaryWriter();
  const floats = new BinaryWriter();
  for (const { number, raw, content } of fields)
    if (number === TENSOR.raw || number === TENSOR.doubles)
      for (const double of doublesIn(content)) floats.float(asFloat(double));
    else if (number !== TENSOR.type) writer.raw(raw);
  writer.tag(TENSOR.type, WireType.Varint).int32(FLOAT);
  return writer.tag(TENSOR.floats, WireType.LengthDelimited).bytes(floats.finish()).finish();
}

/** Tensors and the graphs of an `If` or `Loop`, one or several; and the dtype that a `Cast` gives. */
function attributeInFloats(attribute: Uint8Array): Uint8Array {
  const name = [...fieldsIn(attribute)].find(({ number }) => number === ATTRIBUTE.name)?.content;
  const isDtype = ["to", "dtype"].includes(new TextDecoder().decode(name));
  const inside = { 5: tensorInFloats, 6: graphInFloats, 10: tensorInFloats, 11: graphInFloats };
  return rewritten(attribute, inside, isDtype ? ATTRIBUTE.int : null);
}

function graphInFloats(graph: Uint8Array): Uint8Array {
  const values = { 11: valueInFloats, 12: valueInFloats, 13: valueInFloats };
  return rewritten(graph, { 1: nodeInFloats, 5: tensorInFloats, ...values });
}

/** @param dtypeField number of the field that holds a dtype; null for none. */
function rewritten(
  message: Uint8Array,
  inside: Readonly<Record<number, Rewrite>>,
  dtypeField: number | null = null,
): Uint8Array {
  const writer = new BinaryWriter();
  for (const { number, type, raw, content, int } of fieldsIn(message)) {
    const rewrite = type === WireType.LengthDelimited ? inside[number] : undefined;
    if (rewrite) writer.tag(number, type).bytes(rewrite(content));
    else if (number === dtypeField && int === DOUBLE) writer.tag(number, type).int32(FLOAT);
    else writer.raw(raw);
  }
  return writer.finish();
}

/** The fields of a message: their bytes, their content, and their value if they are small numbers. */
function* fieldsIn(message: Uint8Array) {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const begin = reader.pos;
    const [number, type] = reader.tag();
    const contentBegin = reader.pos;
    let content = new Uint8Array();
    let int: number | null = null;
    if (type === WireType.LengthDelimited) content = new Uint8Array(reader.bytes());
    else if (type === WireType.Varint) int = Number(reader.uint64());
    else content = new Uint8Array(reader.skip(type, number));
    if (type === WireType.Bit64) content = message.slice(contentBegin, reader.pos);
    yield { number, type, raw: message.subarray(begin, reader.pos), content, int };
  }
}

function doublesIn(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) => view.getFloat64(8 * i, true));
}

function asFloat(double: number): number {
  return Number.isFinite(double) ? Math.max(-FLOAT32_MAX, Math.min(FLOAT32_MAX, double)) : double;
}
