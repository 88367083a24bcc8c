/** Reads what a bound graph mounts: slices of the checkpoint as they are, other formats converted on the way. */

import { convertFloats } from "./dtype";
import type { BoundGraph, Converted } from "./graph";

/** A file that ONNX Runtime is to see, and the bytes of it. */
export interface Mount {
  readonly path: string;
  readonly data: Blob | Uint8Array<ArrayBuffer>;
}

/** Converted bytes beyond this go into Blobs, which a browser may keep on disk. */
const KEPT_BYTES_MAX = 256 * 2 ** 20;

/**
 * @param file the checkpoint that the graph was bound to.
 * @param onRead told of bytes of the file as they are dealt with; they add up to the bytes of all that is mounted.
 */
export async function readMounts(
  file: Blob,
  { mounts }: BoundGraph,
  onRead: (bytes: number) => void,
): Promise<Mount[]> {
  const read: Mount[] = [];
  let kept = 0;
  for (const mount of mounts) {
    if (mount.kind === "slice") {
      read.push({ path: mount.location, data: file.slice(mount.begin, mount.end) });
      onRead(mount.end - mount.begin);
      continue;
    }
    const bytes = await convert(file, mount, onRead);
    kept += bytes.length;
    read.push({ path: mount.location, data: kept > KEPT_BYTES_MAX ? new Blob([bytes]) : bytes });
  }
  return read;
}

async function convert(
  file: Blob,
  { bytes, tensors }: Converted,
  onRead: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const converted = new Uint8Array(bytes);
  for (const { begin, end, from, to, offset } of tensors) {
    converted.set(convertFloats(await file.slice(begin, end).arrayBuffer(), from, to), offset);
    onRead(end - begin);
  }
  return converted;
}
