/** Files of the site, fetched once, measured while they stream, and checked against what the build knows of them. */

import { Failure } from "../core/failure";
import { hex } from "../core/numbers";

/** One file as the build knows it. */
export interface KnownFile {
  readonly url: string;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** Where the bytes of all files opened so far go on being counted; `done` never passes `sizeBytes`. */
export interface FileMeter {
  arrived(path: string, doneBytes: number): void;
}

/** Takes a file whose bytes were found right. The answer says whether a copy is kept. */
export type KeepFile = (url: string, bytes: Blob) => Promise<boolean>;

/**
 * Opens files by path: a `Blob` of verified bytes, null for a path that the build did not list. Each is fetched once; a
 * failed one may be asked for again.
 *
 * @throws Failure "model-missing" if nothing usable came, "model-corrupt" if the bytes are not the build's own.
 */
export function openFiles(
  files: Readonly<Record<string, KnownFile>>,
  meter: FileMeter,
  keep: KeepFile,
): (path: string) => Promise<Blob | null> {
  const opened = new Map<string, Promise<Blob>>();
  return async (path) => {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (file === undefined) return null;
    const already = opened.get(path);
    if (already !== undefined) return already;
    const opening = fetchVerified(path, file, meter, keep);
    opened.set(path, opening);
    opening.catch(() => opened.delete(path));
    return opening;
  };
}

async function fetchVerified(path: string, file: KnownFile, meter: FileMeter, keep: KeepFile): Promise<Blob> {
  const first = await fetchBytes(path, file, meter, "default");
  // A copy kept by a cache on the way can be old or broken where the site itself is right: ask the site once.
  const bytes = (await isKnown(first, file)) ? first : await fetchBytes(path, file, meter, "reload");
  if (!(await isKnown(bytes, file))) {
    meter.arrived(path, 0);
    const came = bytes.length === file.sizeBytes ? "other bytes" : `${bytes.length} bytes`;
    throw new Failure(
      "model-corrupt",
      `${path}: wanted the ${file.sizeBytes} bytes that this version was built with, and ${came} came; reload the page, and if it stays so the site itself is damaged.`,
    );
  }
  const blob = new Blob([bytes]);
  await keep(file.url, blob);
  return blob;
}

/** The bytes that came; one more than wanted at most, so that too long shows as such. */
async function fetchBytes(
  path: string,
  file: KnownFile,
  meter: FileMeter,
  cache: RequestCache,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await request(path, file, cache);
  const bytes = new Uint8Array(file.sizeBytes + 1);
  let length = 0;
  try {
    for await (const chunk of chunksOf(response)) {
      const part = chunk.subarray(0, bytes.length - length);
      bytes.set(part, length);
      length += part.length;
      meter.arrived(path, Math.min(length, file.sizeBytes));
      if (length > file.sizeBytes) break;
    }
  } catch (cause) {
    meter.arrived(path, 0);
    throw new Failure(
      "model-missing",
      `${path}: the connection broke after ${length} of ${file.sizeBytes} bytes; check the network and try again.`,
      { cause },
    );
  }
  return bytes.subarray(0, length);
}

async function request(path: string, file: KnownFile, cache: RequestCache): Promise<Response> {
  const response = await fetch(file.url, { cache }).catch((cause: unknown) => {
    throw new Failure(
      "model-missing",
      `${path} could not be fetched: there is no connection and no kept copy; go online once and try again.`,
      { cause },
    );
  });
  if (!response.ok) {
    throw new Failure(
      "model-missing",
      `${path}: wanted the file, and the site answered ${response.status}; reload the page, since the site may have been updated.`,
    );
  }
  if (response.headers.get("Content-Type")?.startsWith("text/html")) {
    throw new Failure(
      "model-missing",
      `${path}: wanted model data, and a web page came, as when a network asks to sign in first; sign in, then try again.`,
    );
  }
  return response;
}

/** Safari's streams cannot be iterated yet, so a reader it is. */
async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel();
  }
}

/** Size always; SHA-256 where the page is a secure context, since elsewhere browsers withhold `crypto.subtle`. */
async function isKnown(bytes: Uint8Array<ArrayBuffer>, file: KnownFile): Promise<boolean> {
  if (bytes.length !== file.sizeBytes) return false;
  if (globalThis.crypto?.subtle === undefined) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hex(digest) === file.sha256;
}
