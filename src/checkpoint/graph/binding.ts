/** Gives a graph without weights the weights of a checkpoint: every external initializer gets a parameter to be read. */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Failure } from "../../core/failure";
import { sum } from "../../core/numbers";
import type { Parameter, Parameters } from "../checkpoint";
import { FLOAT_BYTES, type GraphFloat, isStoredFloat, type StoredFloat } from "../weights/dtype";
import {
  type ModelProto,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from "./onnx_pb";

/** A parameter that a graph wants, and how it wants it. */
export interface Binding {
  /** Of the parameter; also the name under which the graph asks ONNX Runtime for its bytes. */
  readonly name: string;
  readonly parameter: Parameter;
  readonly from: StoredFloat;
  readonly to: GraphFloat;
  readonly dims: readonly number[];
  /** Its length as the graph wants it. */
  readonly bytes: number;
}

/** A graph that ONNX Runtime can open once its parameters are mounted. */
export interface BoundGraph {
  /** The ONNX file. */
  readonly model: Uint8Array<ArrayBuffer>;
  /** Every parameter, by name. */
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Bytes of the checkpoint that they are made of. */
  readonly readBytes: number;
  /** Bytes that they take once they are open. */
  readonly openBytes: number;
}

/**
 * A file that ONNX Runtime is to see, and the bytes of it. Not a Blob: the `/jspi` build would read it tensor by tensor from
 * streams that nothing but suspended WebAssembly holds, and Chromium now and then collects one as garbage. Then it hangs.
 */
export interface Mount {
  readonly path: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Changes a parameter on its way: as the graph has it, in f32. */
export type Edit = (weight: Float32Array) => void;

/** ONNX's TensorProto.DataType of what our graphs compute in. */
const GRAPH_FLOATS: Readonly<Record<number, GraphFloat>> = { 1: "F32", 10: "F16" };

/**
 * @param network for messages, e.g. "unet".
 * @param graph an ONNX file whose initializers with `data_location` EXTERNAL bear names of parameters.
 * @param parameters what the checkpoint holds; those that the graph does not want are left alone.
 * @throws {Failure} "model-corrupt" if a parameter is missing or misshapen, "unsupported" if it is of another dtype.
 */
export function bindWeights(network: string, graph: Uint8Array, parameters: Parameters): BoundGraph {
  const model = parse(network, graph);
  const bindings = new Map<string, Binding>();
  for (const tensor of wantedBy(model)) {
    const binding = bind(network, tensor, parameters);
    bindings.set(tensor.name, binding);
    point(tensor, binding);
  }
  const all = [...bindings.values()];
  return {
    model: toBinary(ModelProtoSchema, model),
    bindings,
    readBytes: sum(all.map(({ parameter }) => parameter.end - parameter.begin)),
    openBytes: sum(all.map(({ bytes }) => bytes)),
  };
}

/** Names and shapes of the parameters that a graph wants. @throws {Failure} "model-corrupt" if it is no ONNX file. */
export function parametersOf(network: string, graph: Uint8Array): ReadonlyMap<string, readonly number[]> {
  return new Map(wantedBy(parse(network, graph)).map(({ name, dims }) => [name, dims.map(Number)]));
}

function wantedBy({ graph }: ModelProto): readonly TensorProto[] {
  const initializers = graph?.initializer ?? [];
  return initializers.filter(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL);
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

function bind(network: string, tensor: TensorProto, parameters: Parameters): Binding {
  const { name } = tensor;
  const to = GRAPH_FLOATS[tensor.dataType];
  if (!to)
    throw new Failure(
      "internal",
      `${network}: ${name}: a graph wants ONNX dtype ${tensor.dataType}, not f32 or f16.`,
    );
  const dims = tensor.dims.map(Number);
  const parameter = parameters.get(name);
  if (!parameter)
    throw new Failure(
      "model-corrupt",
      `${network}: ${name} is missing: wanted [${dims.join(", ")}], the checkpoint has no such parameter.`,
    );
  const { shape, dtype, begin, end } = parameter;
  if (essential(shape) !== essential(dims))
    throw new Failure(
      "model-corrupt",
      `${network}: ${name}: wanted [${dims.join(", ")}], the checkpoint has [${shape.join(", ")}].`,
    );
  if (!isStoredFloat(dtype))
    throw new Failure("unsupported", `${network}: ${name} is stored as ${dtype}; wanted F32, F16 or BF16.`);
  const count = dims.reduce((a, b) => a * b, 1);
  if (end - begin !== count * FLOAT_BYTES[dtype])
    throw new Failure(
      "model-corrupt",
      `${network}: ${name} is ${dtype} [${shape.join(", ")}], but has ${end - begin} bytes.`,
    );
  return { name, parameter, from: dtype, to, dims, bytes: count * FLOAT_BYTES[to] };
}

/** A 1x1 convolution [out, in, 1, 1] holds the same numbers as a linear layer [out, in]. */
export function essential(shape: readonly number[]): string {
  const last = shape.findLastIndex((extent) => extent !== 1);
  return shape.slice(0, last + 1).join("x");
}

function point(tensor: TensorProto, { name: location, bytes }: Binding): void {
  tensor.externalData = Object.entries({ location, offset: "0", length: String(bytes) }).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
}
