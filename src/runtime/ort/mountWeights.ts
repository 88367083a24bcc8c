/**
 * Hands ONNX Runtime a checkpoint's parameters one by one, in the moment in which it asks for them: nothing is held in
 * JavaScript but the one that is on its way.
 */

import type { Binding, BoundGraph, Edit, Mount } from "../../checkpoint/graph/binding";
import { areFinite, convertFloats, transposed } from "../../checkpoint/weights/dtype";
import { asFailure, Failure } from "../../core/failure";

/** Gives a synchronous reader of ranges of a file; null for a file that can only be read asynchronously. */
export type ReaderOf = (file: Blob) => ((begin: number, end: number) => Uint8Array<ArrayBuffer>) | null;

/** How parameters are read. */
export interface Reading {
  /** The platform's; left out, that of a browser's worker, or none. */
  readonly readerOf?: ReaderOf | undefined;
  /** By name of the parameter. */
  readonly edits?: ReadonlyMap<string, Edit>;
  /** Told of bytes of the checkpoint when they are first dealt with; they add up to `readBytes` of the graph. */
  readonly onRead?: (bytes: number) => void;
}

/** A network's parameters, ready to be asked for. */
export interface MountedWeights {
  readonly mounts: readonly Mount[];
  /** Why ONNX Runtime was refused a parameter: it cannot say so itself. */
  failure(): Failure | null;
}

/** @throws {Failure} as `failure()` has it, for parameters that have to be read before they are asked for. */
export async function mountWeights(
  network: string,
  { bindings }: BoundGraph,
  { readerOf = workerReaderOf, edits, onRead = () => undefined }: Reading = {},
): Promise<MountedWeights> {
  let failure: Failure | null = null;
  const remember = (error: unknown): never => {
    failure ??= asFailure(error);
    throw failure;
  };
  const mounts: Mount[] = [];
  for (const binding of bindings.values()) {
    const { name: path, parameter, bytes } = binding;
    const finish = (read: Uint8Array<ArrayBuffer>) =>
      delivered(network, binding, read, edits?.get(path) ?? null);
    const tell = once(() => onRead(parameter.end - parameter.begin));
    const reader = readerOf(parameter.file);
    if (reader) {
      const readNow = () => {
        try {
          const data = finish(reading(network, binding, reader));
          tell();
          return data;
        } catch (error) {
          return remember(error);
        }
      };
      mounts.push({ path, data: new LateBytes(bytes, readNow) });
    } else {
      mounts.push({ path, data: finish(await readLater(network, binding)) });
      tell();
    }
  }
  return { mounts, failure: () => failure };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

/**
 * Looks to ONNX Runtime like the bytes of a file. Each of its builds takes a range of a mounted file by `byteLength` and `subarray`
 * alone, copies it and lets it go (`lib/wasm/wasm-core-impl.ts` mounts; the glue beside each `.wasm` reads).
 */
class LateBytes extends Uint8Array<ArrayBuffer> {
  readonly #read: () => Uint8Array<ArrayBuffer>;

  constructor(bytes: number, read: () => Uint8Array<ArrayBuffer>) {
    super(new ArrayBuffer(0));
    this.#read = read;
    Object.defineProperty(this, "byteLength", { value: bytes });
  }

  override subarray(begin?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.#read().subarray(begin, end);
  }
}

/** Only workers have it, so only the library of types for workers does. */
declare const FileReaderSync: new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer };

/** The reader of a browser's worker. */
const workerReaderOf: ReaderOf = (file) =>
  typeof FileReaderSync === "undefined"
    ? null
    : (begin, end) => new Uint8Array(new FileReaderSync().readAsArrayBuffer(file.slice(begin, end)));

function reading(
  network: string,
  { name, parameter }: Binding,
  reader: NonNullable<ReturnType<ReaderOf>>,
): Uint8Array<ArrayBuffer> {
  try {
    return reader(parameter.begin, parameter.end);
  } catch (cause) {
    throw unreadable(network, name, cause);
  }
}

async function readLater(network: string, { name, parameter }: Binding): Promise<Uint8Array<ArrayBuffer>> {
  const { file, begin, end } = parameter;
  try {
    return new Uint8Array(await file.slice(begin, end).arrayBuffer());
  } catch (cause) {
    throw unreadable(network, name, cause);
  }
}

/** A parameter as the checkpoint has it -> as the graph wants it. */
function delivered(
  network: string,
  { name, parameter, from, to, dims }: Binding,
  read: Uint8Array<ArrayBuffer>,
  edit: Edit | null,
): Uint8Array<ArrayBuffer> {
  const { begin, end, isTransposed } = parameter;
  if (read.length !== end - begin) throw unreadable(network, name, null);
  if (!areFinite(read, from))
    throw new Failure(
      "model-corrupt",
      `${network}: ${name} holds numbers that are infinite or none (NaN), so nothing can be drawn with it. Fetch the model again.`,
    );
  const [rows = 1, columns = 1] = dims;
  const turned = isTransposed ? transposed(read, columns, rows) : read;
  const data = edit ? edited(turned.buffer, edit, from, to) : convertFloats(turned.buffer, from, to);
  if (from !== to && !areFinite(data, to))
    throw new Failure(
      "unsupported",
      `${network}: ${name} holds numbers that 16 bits cannot hold; choose the processor, which computes in 32.`,
    );
  return data;
}

function edited(
  buffer: ArrayBuffer,
  edit: Edit,
  from: Binding["from"],
  to: Binding["to"],
): Uint8Array<ArrayBuffer> {
  const { buffer: floats } = convertFloats(buffer, from, "F32");
  edit(new Float32Array(floats));
  return convertFloats(floats, "F32", to);
}

function unreadable(network: string, name: string, cause: unknown): Failure {
  return new Failure(
    "model-missing",
    `${network}: ${name} can no longer be read: the file was changed, moved or deleted. Choose the model again.`,
    { cause },
  );
}
