/** Takes the weights out of an ONNX file, or finds them beside it, so that a session reads each in the moment in which it wants it. */

import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Failure } from "../../core/failure";
import type { Binding, BoundGraph, Mount } from "../graph/binding";
import { StringStringEntryProtoSchema, TensorProto_DataLocation, TensorProtoSchema } from "../graph/onnx_pb";
import { impostorRefusal } from "../layout/impostors";
import type { ModelFiles } from "../modelFiles";
import { impostorIn } from "../weights/impostorIn";
import type { OnnxFile, Piece, Range, Weight } from "./onnxFile";
import { joined, readPart } from "./readPart";

/** A weight that is no float, nothing that the rest of the runtime knows: its bytes are handed on as they are. */
interface Opaque extends Range {
  readonly path: string;
  readonly file: Blob;
}

/** An ONNX file whose weights lie outside. */
export interface BoundFile extends BoundGraph {
  readonly opaques: readonly Opaque[];
}

/** A weight, and where it was found. */
interface Found extends Range {
  readonly weight: Weight;
  readonly file: Blob;
}

/** TensorProto.DataType of weights that the rest of the runtime knows. */
const FLOATS: Readonly<Record<number, Binding["to"]>> = { 1: "F32", 10: "F16" };
/** The limit of an ONNX file without the weights that can be taken out of it. */
const REST_BYTES_MAX = 2 ** 30;
/** Constants that ONNX Runtime wants to see while it opens a graph are smaller. */
const INLINE_BYTES_MAX = 1024;
/** Numbers of fields in onnx.proto. */
const FIELDS = { modelGraph: 7, graphInitializer: 5, tensorRawData: 9 } as const;

/**
 * @param network for messages.
 * @param file the ONNX file itself.
 * @throws {Failure} "model-missing" if a file with weights is not there, "model-corrupt" if its name leads out of the folder or it
 * is cut short, "unsupported" if the graph keeps gigabytes where they cannot be taken out.
 */
export async function bindFile(files: ModelFiles, onnx: OnnxFile, file: Blob): Promise<BoundFile> {
  const restBytes = [...onnx.rest.model, ...onnx.rest.graph].reduce((sum, piece) => sum + lengthOf(piece), 0);
  if (restBytes > REST_BYTES_MAX)
    throw new Failure(
      "unsupported",
      `${onnx.path} keeps ${restBytes} bytes in the graph itself; wanted weights as raw data, or in a file beside it.`,
    );
  const sources = new Map<string | null, Blob>([[null, file]]);
  const initializers = new BinaryWriter();
  const bindings = new Map<string, Binding>();
  const opaques: Opaque[] = [];
  for (const weight of onnx.weights) {
    const source = sources.get(weight.location) ?? (await openBeside(files, onnx.path, weight.location));
    sources.set(weight.location, source);
    const found = await find(onnx.path, weight, source);
    // Not the weight's own name: what begins with a slash would be taken for a path from the root.
    const path = `${bindings.size + opaques.length}.${weight.tensor.name.replaceAll(/[^\w.]+/g, "_")}`;
    const binding = bytesOf(found) > INLINE_BYTES_MAX ? bindingOf(path, found) : null;
    if (binding) bindings.set(path, binding);
    else if (bytesOf(found) > INLINE_BYTES_MAX) opaques.push({ path, file: source, ...rangeOf(found) });
    const stub = bytesOf(found) > INLINE_BYTES_MAX ? pointing(found, path) : await inlined(found);
    initializers.tag(FIELDS.graphInitializer, WireType.LengthDelimited).bytes(stub);
  }
  const readBytes = [...bindings.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const openBytes = opaques.reduce((sum, opaque) => sum + bytesOf(opaque), readBytes);
  const model = await assembled(onnx, file, initializers.finish());
  return { model, bindings, opaques, readBytes, openBytes };
}

/** The weights that are no floats. */
export async function readOpaques(opaques: readonly Opaque[]): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const { path, file, begin, end } of opaques)
    mounts.push({ path, data: await readPart(file, path, begin, end) });
  return mounts;
}

function bytesOf({ begin, end }: Range): number {
  return end - begin;
}

function lengthOf(piece: Piece): number {
  return piece.bytes?.length ?? bytesOf(piece);
}

function rangeOf({ begin, end }: Range): Range {
  return { begin, end };
}

/** A file that a graph names lies beside it, or in a folder beside it, and nowhere else. */
async function openBeside(files: ModelFiles, path: string, location: string | null): Promise<Blob> {
  const names = (location ?? "").split("/").filter((name) => name !== ".");
  if (names.some((name) => name === "" || name === ".." || /[\\:\0]/.test(name)))
    throw new Failure(
      "model-corrupt",
      `${path} says that its weights are in "${location}", which is no file of the model's folder.`,
    );
  const beside = path.slice(0, path.lastIndexOf("/") + 1) + names.join("/");
  const file = await files.open(beside);
  if (file) return file;
  throw new Failure("model-missing", `${path} has its weights in ${beside}, which is missing. Fetch it too.`);
}

async function find(path: string, weight: Weight, file: Blob): Promise<Found> {
  const { begin, location, tensor } = weight;
  const end = weight.end ?? file.size;
  if (begin <= end && end <= file.size) return { weight, file, begin, end };
  const impostor = await impostorIn(file);
  if (impostor !== null) throw impostorRefusal(location ?? path, impostor);
  throw new Failure(
    "model-corrupt",
    `${path}: ${tensor.name} claims bytes ${begin} to ${end} of ${location ?? path}, which has ${file.size}: it may be cut short. Fetch it again.`,
  );
}

function bindingOf(name: string, { weight: { tensor }, file, begin, end }: Found): Binding | null {
  const dtype = FLOATS[tensor.dataType];
  if (dtype === undefined) return null;
  const dims = tensor.dims.map(Number);
  const parameter = { file, dtype, shape: dims, begin, end, isTransposed: false };
  return { name, parameter, from: dtype, to: dtype, dims, bytes: end - begin };
}

function pointing({ weight: { tensor }, begin, end }: Found, location: string): Uint8Array {
  const entries = { location, offset: "0", length: String(end - begin) };
  const externalData = Object.entries(entries).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  const dataLocation = TensorProto_DataLocation.EXTERNAL;
  return toBinary(TensorProtoSchema, { ...tensor, externalData, dataLocation });
}

async function inlined({ weight: { tensor }, file, begin, end }: Found): Promise<Uint8Array> {
  const dataLocation = TensorProto_DataLocation.DEFAULT;
  const plain = toBinary(TensorProtoSchema, { ...tensor, externalData: [], dataLocation });
  const data = await readPart(file, tensor.name, begin, end);
  return new BinaryWriter()
    .raw(plain)
    .tag(FIELDS.tensorRawData, WireType.LengthDelimited)
    .bytes(data)
    .finish();
}

/** The file as it was, but for its weights. */
async function assembled(
  { rest, path }: OnnxFile,
  file: Blob,
  initializers: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const length = rest.graph.reduce((sum, piece) => sum + lengthOf(piece), initializers.length);
  const head = new BinaryWriter().tag(FIELDS.modelGraph, WireType.LengthDelimited).uint32(length).finish();
  const pieces = async (parts: readonly Piece[]) => {
    const read: Uint8Array[] = [];
    for (const { bytes, begin, end } of parts) read.push(bytes ?? (await readPart(file, path, begin, end)));
    return read;
  };
  return joined([...(await pieces(rest.model)), head, ...(await pieces(rest.graph)), initializers]);
}
