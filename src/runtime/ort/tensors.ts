/** The border between our numbers and ONNX Runtime's tensors: checked and converted here and nowhere else. */

import type { InferenceSession, Tensor } from "onnxruntime-web";
import { floatsToHalves, halvesToFloats } from "../../checkpoint/weights/dtype";
import { Failure } from "../../core/failure";
import type { HostTensor } from "../../core/tensor";
import type { Ort } from "./engine";

/** A tensor of ONNX Runtime's, on the host or on its device. */
export type OrtTensor = Tensor;

/** Numbers of ours, about to go in. */
export interface HostInput {
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** An input by value, or a tensor that was made before and stays its owner's. */
export type Input = HostInput | Tensor;

/** Inputs by name. */
export type Feeds = Readonly<Record<string, Input>>;

/** Tensors by name, made beforehand; they stay their owner's. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** An input or output of an open session: name, dtype, and extents; a free extent is a name. */
export type Port = InferenceSession.TensorValueMetadata;

/** ONNX Runtime's value for a free extent without a name: -1, read as an unsigned number. */
const UNNAMED = 2 ** 32 - 1;

/** The inputs or outputs of a session, such as are tensors. */
export function tensorPorts(ports: readonly InferenceSession.ValueMetadata[]): readonly Port[] {
  return ports.flatMap((port) => (port.isTensor ? [port] : []));
}

/**
 * Compares what is fed with what the graph declares: names, dtypes, ranks, fixed extents, named extents among each other.
 *
 * @throws {Failure} "bad-request" with one sentence that says what was wanted and what came.
 */
export function checkFeeds(network: string, ports: readonly Port[], feeds: Feeds): void {
  checkNames(network, "input", ports, feeds);
  checkEach(network, "input", ports, feeds);
}

/** The same for outputs that were made beforehand, not necessarily all of them. */
export function checkFetches(network: string, ports: readonly Port[], fetches: Tensors): void {
  checkNames(network, "output", ports, fetches);
  const wanted = ports.filter(({ name }) => fetches[name]);
  checkEach(network, "output", wanted, fetches);
}

type Side = "input" | "output";

function checkNames(network: string, side: Side, ports: readonly Port[], given: Feeds): void {
  const wanted = ports.map(({ name }) => name);
  const stranger = Object.keys(given).find((name) => !wanted.includes(name));
  if (stranger !== undefined)
    throw mismatch(`${network} has no ${side} ${stranger}, only ${wanted.join(", ")}`);
}

function checkEach(network: string, side: Side, ports: readonly Port[], given: Feeds): void {
  const named = new Map<string, number>();
  for (const port of ports) {
    const { name, type, shape } = port;
    const tensor = given[name];
    if (!tensor || !isTaken(port, tensor) || !fits(shape, tensor.dims, named))
      throw mismatch(
        `${network}: ${side} ${name}: wanted ${type} [${shape.join(", ")}], got ${described(tensor)}`,
      );
  }
}

function isTaken({ type }: Port, input: Input): boolean {
  if ("location" in input) return input.type === type;
  return input.data instanceof Float32Array
    ? type === "float32" || type === "float16"
    : type === "int32" || type === "int64";
}

function fits(shape: Port["shape"], dims: readonly number[], named: Map<string, number>): boolean {
  if (shape.length !== dims.length) return false;
  return shape.every((extent, i) => {
    const given = dims[i] ?? 0;
    if (extent === UNNAMED) return true;
    if (typeof extent === "number") return extent === given;
    const known = named.get(extent) ?? given;
    named.set(extent, known);
    return known === given;
  });
}

function described(input: Input | undefined): string {
  if (!input) return "nothing";
  const kind = "location" in input ? input.type : input.data instanceof Float32Array ? "float32" : "int32";
  return `${kind} [${input.dims.join(", ")}]`;
}

function mismatch(what: string): Failure {
  return new Failure("bad-request", `${what}.`);
}

/** Tensors for one run, and those among them that were made for it. */
export interface Fed {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** To be disposed after the run. */
  readonly made: readonly Tensor[];
}

/**
 * Checks the feeds and turns them into tensors of the dtypes that the graph asks for; float32 is not copied.
 *
 * @throws {Failure} "bad-request" with one sentence that says what was wanted and what came.
 */
export function toTensors(ort: Ort, network: string, ports: readonly Port[], feeds: Feeds): Fed {
  checkFeeds(network, ports, feeds);
  const tensors: Record<string, Tensor> = {};
  const made: Tensor[] = [];
  for (const port of ports) {
    const input = feeds[port.name];
    if (!input) continue;
    const tensor = "location" in input ? input : toTensor(ort, port.type, input);
    if (tensor !== input) made.push(tensor);
    tensors[port.name] = tensor;
  }
  return { tensors, made };
}

function toTensor(ort: Ort, type: Port["type"], { dims, data }: HostInput): Tensor {
  if (data instanceof Float32Array)
    return type === "float16"
      ? new ort.Tensor("float16", floatsToHalves(data), dims)
      : new ort.Tensor("float32", data, dims);
  return type === "int64"
    ? new ort.Tensor("int64", BigInt64Array.from(data, BigInt), dims)
    : new ort.Tensor("int32", data, dims);
}

/** Takes the numbers out of a float tensor on the host and disposes the tensor; float32 is not copied. */
export function takeFloats(tensor: Tensor): HostTensor {
  const { data, dims } = tensor;
  tensor.dispose();
  if (data instanceof Float32Array) return { dims, data: data as Float32Array<ArrayBuffer> };
  // float16 comes as Float16Array where there is one, else as Uint16Array: the same bits.
  if (tensor.type === "float16" && ArrayBuffer.isView(data))
    return { dims, data: halvesToFloats(new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)) };
  throw new Failure("unsupported", `A network gave ${tensor.type}; wanted float32 or float16.`);
}

/**
 * Writes the numbers of one tensor into another on the host; `from` may be on a GPU.
 *
 * @throws {Failure} "bad-request" if they are not of one shape.
 */
export async function copyTo(to: Tensor, from: Tensor): Promise<void> {
  const numbers = await from.getData();
  if (String(to.dims) !== String(from.dims) || !ArrayBuffer.isView(numbers) || !ArrayBuffer.isView(to.data))
    throw mismatch(`An output is ${described(from)}, and was to be written into ${described(to)}`);
  bytesOf(to.data).set(bytesOf(numbers));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
