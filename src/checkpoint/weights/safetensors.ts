/** Reads the header of a safetensors file (https://github.com/huggingface/safetensors, "Format") and believes nothing in it. */

import { Failure } from "../../core/failure";
import { isObject, type JsonObject, repeatedKey } from "../json";

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

/** What a file holds, by parameter name. Ranges lie inside the file, do not overlap, and fit dtype and shape. */
export type SafetensorsHeader = ReadonlyMap<string, StoredTensor>;

const LENGTH_BYTES = 8;
/** The reference implementation takes 100 MB; that of a model that runs here has less than one. */
const HEADER_BYTES_MAX = 16_000_000;
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

/** What is wrong with a header, in words that fit after a file's name. */
class Flaw extends Error {}

/** @param path for messages. @throws {Failure} "model-corrupt" saying in which way the file contradicts itself. */
export async function readHeader(file: Blob, path: string): Promise<SafetensorsHeader> {
  try {
    return await believe(file);
  } catch (flaw) {
    if (!(flaw instanceof Flaw)) throw flaw;
    throw new Failure("model-corrupt", `${path}: ${flaw.message}. Fetch the file again.`, { cause: flaw });
  }
}

async function believe(file: Blob): Promise<SafetensorsHeader> {
  const length = await headerLength(file);
  const dataBegin = LENGTH_BYTES + length;
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(parseObject(await file.slice(LENGTH_BYTES, dataBegin).text())))
    if (name !== "__metadata__") tensors.set(name, tensorOf(name, entry, dataBegin, file.size));
  refuseOverlaps(tensors);
  return tensors;
}

async function headerLength(file: Blob): Promise<number> {
  if (file.size < LENGTH_BYTES)
    throw new Flaw(`the file has ${file.size} bytes, fewer than the 8 that a header's length takes`);
  const view = new DataView(await file.slice(0, LENGTH_BYTES).arrayBuffer());
  const length = view.getBigUint64(0, true);
  const room = Math.min(file.size - LENGTH_BYTES, HEADER_BYTES_MAX);
  if (length < 2 || length > room) throw new Flaw(`the header claims ${length} bytes, wanted 2 to ${room}`);
  return Number(length);
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Flaw("the header is not JSON", { cause });
  }
  if (!isObject(value)) throw new Flaw("the header is not a JSON object");
  const twice = repeatedKey(text);
  if (twice !== null) throw new Flaw(`the header has ${twice} twice`);
  return value;
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
