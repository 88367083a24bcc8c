/**
 * Reads an ONNX file without its weights (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): what goes in and comes out,
 * which operators there are, and where each weight lies, be it in this file or in another. One of 2 GB takes a few reads of 64 KiB.
 */

import { fromBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Failure } from "../../core/failure";
import {
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "../graph/onnx_pb";
import { impostorRefusal } from "../layout/impostors";
import { impostorIn } from "../weights/impostorIn";
import { nodeInFloats, tensorInFloats, valueInFloats } from "./doubles";
import { type Field, Flaw, fieldsOf, Pages } from "./protobufFields";
import { joined } from "./readPart";

/** An input or output of a graph, as a session's own metadata would have it. */
export interface Port {
  readonly name: string;
  /** As ONNX Runtime calls it, e.g. "float16"; "other" for what cannot be fed here. */
  readonly type: string;
  /** Numbers, and names of extents that are free; "" for a free one without a name. */
  readonly shape: readonly (number | string)[];
}

/** Part of a file. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** Part of a file as it is to be read: the bytes that stand for it, or null for its own. */
export interface Piece extends Range {
  readonly bytes: Uint8Array | null;
}

/** A weight, and the bytes of it. */
export interface Weight {
  readonly tensor: TensorProto;
  /** The file that the graph names; null for the ONNX file itself. */
  readonly location: string | null;
  readonly begin: number;
  /** Null: to the end of the file. */
  readonly end: number | null;
}

/** An ONNX file, understood as far as it takes to run it. */
export interface OnnxFile {
  /** Of the file, for messages. */
  readonly path: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** How often there is which operator; those of other domains than ONNX's own as "com.microsoft:Attention". */
  readonly operators: ReadonlyMap<string, number>;
  /** True if anything in it is float16. */
  readonly hasF16: boolean;
  readonly weights: readonly Weight[];
  /** Sizes of everything but the weights: outside the graph, and in it. */
  readonly rest: { readonly model: readonly Piece[]; readonly graph: readonly Piece[] };
}

/** Numbers of fields in onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, value: 13 } as const;
const TENSOR_RAW_DATA = 9;
const FLOAT16 = 10;
/** TensorProto.DataType of what can be fed or taken here. */
const TYPES: Readonly<Record<number, string>> = {
  1: "float32",
  6: "int32",
  7: "int64",
  [FLOAT16]: "float16",
};
/** Smaller tensors stay in the graph: sizes and constants that ONNX Runtime wants to see while it opens one. */
const INLINE_BYTES_MAX = 64 * 2 ** 10;

/** The findings on the way through a graph. */
class Gathered {
  readonly inputs: Port[] = [];
  readonly outputs: Port[] = [];
  readonly operators = new Map<string, number>();
  readonly weights: Weight[] = [];
  readonly rest = { model: [] as Piece[], graph: [] as Piece[] };
  /** Files of older versions list weights among the inputs. */
  readonly weightNames = new Set<string>();
  hasF16 = false;
}

/** @param path for messages. @throws {Failure} "model-corrupt" if it is cut short or is no ONNX file. */
export async function readOnnx(file: Blob, path: string): Promise<OnnxFile> {
  const gathered = new Gathered();
  try {
    await readModel(new Pages(file, path), gathered);
  } catch (flaw) {
    if (!(flaw instanceof Flaw)) throw flaw;
    const impostor = await impostorIn(file);
    if (impostor !== null) throw impostorRefusal(path, impostor, flaw);
    throw new Failure("model-corrupt", `${path}: ${flaw.message}. Fetch the file again.`, { cause: flaw });
  }
  const { inputs, outputs, operators, weights, rest, weightNames } = gathered;
  const hasF16 = gathered.hasF16 || [...inputs, ...outputs].some(({ type }) => type === "float16");
  const fed = inputs.filter(({ name }) => !weightNames.has(name));
  return { path, inputs: fed, outputs, operators, hasF16, weights, rest };
}

async function readModel(pages: Pages, gathered: Gathered): Promise<void> {
  let graphs = 0;
  for await (const field of fieldsOf(pages, 0, pages.size)) {
    if (field.number !== MODEL_GRAPH) keep(gathered.rest.model, field);
    else if (++graphs > 1) throw new Flaw("it holds more than one graph");
    else
      for await (const part of fieldsOf(pages, field.contentBegin, field.end))
        await readGraphPart(pages, part, gathered);
  }
  if (graphs === 0) throw new Flaw("it holds no graph, so it is no ONNX file");
}

/** Ranges that touch become one. */
function keep(pieces: Piece[], { begin, end, number }: Field, content: Uint8Array | null = null): void {
  const last = pieces.at(-1);
  if (content !== null) {
    const bytes = new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(content).finish();
    pieces.push({ begin, end, bytes });
  } else if (last?.end === begin && last.bytes === null)
    pieces[pieces.length - 1] = { begin: last.begin, end, bytes: null };
  else pieces.push({ begin, end, bytes: null });
}

async function readGraphPart(pages: Pages, field: Field, gathered: Gathered): Promise<void> {
  if (field.number === GRAPH.initializer) {
    await readInitializer(pages, field, gathered);
    return;
  }
  if (field.end - field.contentBegin > INLINE_BYTES_MAX) return keep(gathered.rest.graph, field); // a constant, or something new
  const content = () => pages.read(field.contentBegin, field.end);
  if (field.number === GRAPH.node) {
    const operator = operatorOf(await content());
    gathered.operators.set(operator, (gathered.operators.get(operator) ?? 0) + 1);
  }
  const mend = MENDED.get(field.number);
  keep(gathered.rest.graph, field, mend ? changed(await content(), mend) : null);
  if (field.number === GRAPH.input) gathered.inputs.push(portOf(await content()));
  if (field.number === GRAPH.output) gathered.outputs.push(portOf(await content()));
}

/** Parts of a graph that may speak of 64-bit floats, besides weights. */
const MENDED = new Map<number, (content: Uint8Array) => Uint8Array>([
  [GRAPH.node, nodeInFloats],
  [GRAPH.value, valueInFloats],
]);

/** The content in 32 bits; null if that is the same. */
function changed(content: Uint8Array, mend: (content: Uint8Array) => Uint8Array): Uint8Array | null {
  const before = content.slice();
  const after = unflawed(() => mend(before));
  return after.length === before.length && after.every((byte, i) => byte === before[i]) ? null : after;
}

/** A weight whose bytes come from outside the graph, or a small one that stays there. */
async function readInitializer(pages: Pages, field: Field, gathered: Gathered): Promise<void> {
  const isSmall = field.end - field.contentBegin <= INLINE_BYTES_MAX;
  const { tensor, data } = isSmall
    ? { tensor: parsed(TensorProtoSchema, await pages.read(field.contentBegin, field.end)), data: null }
    : await readLarge(pages, field);
  gathered.weightNames.add(tensor.name);
  gathered.hasF16 ||= tensor.dataType === FLOAT16;
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    gathered.weights.push({ tensor, ...externalRange(tensor) });
  } else if (data) gathered.weights.push({ tensor, location: null, begin: data.contentBegin, end: data.end });
  else if (isSmall)
    keep(
      gathered.rest.graph,
      field,
      changed(await pages.read(field.contentBegin, field.end), tensorInFloats),
    );
  else keep(gathered.rest.graph, field);
}

/** Everything of a weight but its bytes, and where those are; null if they are written in a form that is not theirs in memory. */
async function readLarge(pages: Pages, field: Field): Promise<{ tensor: TensorProto; data: Field | null }> {
  const parts: Uint8Array[] = [];
  let data: Field | null = null;
  for await (const part of fieldsOf(pages, field.contentBegin, field.end)) {
    if (part.number === TENSOR_RAW_DATA) data = part;
    else if (part.end - part.begin <= INLINE_BYTES_MAX)
      parts.push((await pages.read(part.begin, part.end)).slice());
  }
  return { tensor: parsed(TensorProtoSchema, joined(parts)), data };
}

function externalRange({ name, externalData }: TensorProto): Omit<Weight, "tensor"> {
  const entries = new Map(externalData.map(({ key, value }) => [key, value]));
  const [location = "", begin, length] = ["location", "offset", "length"].map((key) => entries.get(key));
  const count = (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
    throw new Flaw(`the weight ${name} is said to have ${text} bytes, or to begin there`);
  };
  const offset = count(begin ?? "0");
  return { location, begin: offset, end: length === undefined ? null : offset + count(length) };
}

function operatorOf(content: Uint8Array): string {
  const { opType, domain } = parsed(NodeProtoSchema, content);
  return domain === "" || domain === "ai.onnx" ? opType : `${domain}:${opType}`;
}

function portOf(content: Uint8Array): Port {
  const { name, type } = parsed(ValueInfoProtoSchema, content);
  const { elemType = 0, shape } = type?.tensorType ?? {};
  const dims = shape?.dim ?? [];
  return {
    name,
    type: TYPES[elemType] ?? "other",
    shape: dims.map(({ dimValue, dimParam }) => (dimValue > 0n ? Number(dimValue) : dimParam)),
  };
}

function parsed<S extends Parameters<typeof fromBinary>[0]>(schema: S, bytes: Uint8Array) {
  return unflawed(() => fromBinary(schema, bytes));
}

/** The result of reading bytes. @throws {Flaw} whatever is wrong with them. */
function unflawed<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Flaw("it is no ONNX file, or a damaged one", { cause });
  }
}
