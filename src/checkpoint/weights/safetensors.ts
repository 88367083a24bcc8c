/** Reads the header of a safetensors file (https://github.com/huggingface/safetensors, "Format") and believes nothing in it. */

import { Failure } from "../../core/failure";
import { isObject } from "../json";
import { impostorRefusal } from "../layout/impostors";
import { Flaw, membersOf } from "./headerMembers";
import { impostorIn } from "./impostorIn";

/** One tensor of the file. */
export interface StoredTensor {
  /** As the file writes it, e.g. "F16"; may be one that we cannot use. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly begin: number;
  /** First byte after the last. */
  readonly end: number;
}

/** The tensors of a file, by name. Ranges lie inside the file, do not overlap, and fit dtype and shape. */
export type SafetensorsHeader = ReadonlyMap<string, StoredTensor>;

/** A header, read. */
export interface Safetensors {
  readonly tensors: SafetensorsHeader;
  /** The strings of `__metadata__`, by key. */
  readonly metadata: ReadonlyMap<string, string>;
}

const LENGTH_BYTES = 8;
/** The limit of the reference implementation. A model that runs here has less than one megabyte. */
const HEADER_BYTES_MAX = 100_000_000;
const BITS: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  U64: 64,
  I64: 64,
  F64: 64,
};

/** The tensors of a file. @param path for messages. @throws {Failure} as {@link readSafetensors}. */
export async function readHeader(file: Blob, path: string): Promise<SafetensorsHeader> {
  return (await readSafetensors(file, path)).tensors;
}

/**
 * Reads the header, in pieces; weights are left where they lie.
 *
 * @param path for messages.
 * @throws {Failure} "model-corrupt" saying in which way the file contradicts itself.
 */
export async function readSafetensors(file: Blob, path: string): Promise<Safetensors> {
  const header = await believed(file);
  if (!(header instanceof Flaw)) return header;
  const impostor = await impostorIn(file);
  if (impostor !== null) throw impostorRefusal(path, impostor, header);
  throw new Failure("model-corrupt", `${path}: ${header.message}. Fetch the file again.`, { cause: header });
}

/** The first contradiction in a file, as a clause; null if there is none, and its tensors end where it does. */
export async function findContradiction(file: Blob): Promise<string | null> {
  const header = await believed(file);
  if (header instanceof Flaw) return header.message;
  let end = header.dataBegin;
  for (const tensor of header.tensors.values()) end = Math.max(end, tensor.end);
  return end === file.size ? null : `its tensors end at byte ${end} of ${file.size}`;
}

async function believed(file: Blob): Promise<(Safetensors & { readonly dataBegin: number }) | Flaw> {
  try {
    return await believe(file);
  } catch (flaw) {
    if (flaw instanceof Flaw) return flaw;
    throw flaw;
  }
}

async function believe(file: Blob) {
  const dataBegin = LENGTH_BYTES + (await headerLength(file));
  const tensors = new Map<string, StoredTensor>();
  let metadata: ReadonlyMap<string, string> = new Map();
  for await (const members of membersOf(file.slice(LENGTH_BYTES, dataBegin)))
    for (const [name, entry] of members)
      if (name === "__metadata__") metadata = stringsOf(entry);
      else tensors.set(name, tensorOf(name, entry, dataBegin, file.size));
  refuseOverlaps(tensors);
  return { tensors, metadata, dataBegin };
}

async function headerLength(file: Blob): Promise<number> {
  if (file.size < LENGTH_BYTES)
    throw new Flaw(`the file has ${file.size} bytes, fewer than the 8 that a header's length takes`);
  const view = new DataView(await file.slice(0, LENGTH_BYTES).arrayBuffer());
  const length = view.getBigUint64(0, true);
  const most = Math.min(file.size - LENGTH_BYTES, HEADER_BYTES_MAX);
  if (length < 2 || length > most) throw new Flaw(`the header claims ${length} bytes, wanted 2 to ${most}`);
  return Number(length);
}

function stringsOf(metadata: unknown): ReadonlyMap<string, string> {
  if (!isObject(metadata)) return new Map();
  return new Map(
    Object.entries(metadata).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
  );
}

function tensorOf(name: string, entry: unknown, dataBegin: number, fileBytes: number): StoredTensor {
  if (!isObject(entry)) throw new Flaw(`${name} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string") throw new Flaw(`${name} has no dtype`);
  if (!isCounts(shape)) throw new Flaw(`${name} has no shape of whole numbers`);
  if (!isCounts(offsets) || offsets.length !== 2) throw new Flaw(`${name} has no pair of data_offsets`);
  const [begin = 0, end = 0] = offsets.map((offset) => offset + dataBegin);
  if (begin > end || end > fileBytes)
    throw new Flaw(`${name} claims bytes ${begin} to ${end} of a file of ${fileBytes}: it may be cut short`);
  const bits = BITS[dtype];
  const bytes = bits === undefined ? end - begin : (shape.reduce((a, b) => a * b, 1) * bits) / 8;
  if (bytes !== end - begin)
    throw new Flaw(`${name} is ${dtype} [${shape.join(", ")}], ${bytes} bytes, but has ${end - begin}`);
  return { dtype, shape, begin, end };
}

function refuseOverlaps(tensors: SafetensorsHeader): void {
  const used = [...tensors].filter(([, { begin, end }]) => end > begin);
  used.sort(([, a], [, b]) => a.begin - b.begin);
  let last: readonly [string, StoredTensor] | undefined;
  for (const next of used) {
    if (last && next[1].begin < last[1].end) throw new Flaw(`${last[0]} and ${next[0]} claim the same bytes`);
    last = next;
  }
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
