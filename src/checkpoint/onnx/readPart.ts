/** The one way in which bytes of an ONNX folder are read: all that were asked for, or a failure. */

import { Failure } from "../../core/failure";

/**
 * Not by a Blob of several Blobs: those that stand for files on a disk have nothing in them that the platform could join.
 *
 * @param path for messages.
 * @throws {Failure} "model-missing" if the file is no longer what it was.
 */
export async function readPart(
  file: Blob,
  path: string,
  begin: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const gone = (cause: unknown): never => {
    throw new Failure(
      "model-missing",
      `${path} can no longer be read: it was changed, moved or deleted. Choose the model again.`,
      { cause },
    );
  };
  const bytes = new Uint8Array(await file.slice(begin, end).arrayBuffer().catch(gone));
  return bytes.length === end - begin ? bytes : gone(null);
}

/** One behind the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
