/** What a file's own structure says of its being whole, for want of a published hash. */

/** Same limit as the format's reference implementation. */
const HEADER_BYTES_MAX = 100_000_000;
const LENGTH_BYTES = 8;

/** What is wrong with it, as the end of a sentence that begins with the file's name; null if nothing is. */
export async function findFlaw(path: string, file: Blob): Promise<string | null> {
  if (path.endsWith(".safetensors")) return flawOfSafetensors(file);
  if (path.endsWith(".json")) return (await parse(file)) === undefined ? "is not JSON" : null;
  return null;
}

async function flawOfSafetensors(file: Blob): Promise<string | null> {
  if (file.size < LENGTH_BYTES) return "is too short for a safetensors file";
  const length = new DataView(await file.slice(0, LENGTH_BYTES).arrayBuffer()).getBigUint64(0, true);
  if (length > BigInt(Math.min(HEADER_BYTES_MAX, file.size - LENGTH_BYTES))) {
    return `names a header of ${length} bytes in a file of ${file.size}`;
  }
  const begin = LENGTH_BYTES + Number(length);
  const header = await parse(file.slice(LENGTH_BYTES, begin));
  if (!isObject(header)) return "has a header that is not a JSON object";
  let end = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const range = isObject(entry) ? rangeOf(entry["data_offsets"]) : null;
    if (range === null) return `says nothing usable of where ${name.slice(0, 200)} lies`;
    end = Math.max(end, range.end);
  }
  return begin + end === file.size ? null : `describes ${begin + end} bytes and has ${file.size}`;
}

function rangeOf(offsets: unknown): { begin: number; end: number } | null {
  if (!Array.isArray(offsets) || offsets.length !== 2) return null;
  const [begin, end]: unknown[] = offsets;
  if (!isOffset(begin) || !isOffset(end) || begin > end) return null;
  return { begin, end };
}

function isOffset(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined if it is not JSON, which JSON itself cannot say. */
async function parse(file: Blob): Promise<unknown> {
  try {
    return JSON.parse(await file.text());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
