/** Reads what a bound graph mounts: slices of the checkpoint as they are, other formats converted on the way. */

import { convertFloats } from "./dtype";
import type { BoundGraph, Converted } from "./graph";

/**
 * A file that ONNX Runtime is to see, and the bytes of it. Not a Blob: the `/jspi` build would read it tensor by tensor from
 * streams that nothing but suspended WebAssembly holds, and Chromium now and then collects one as garbage. Then it hangs.
 */
export interface Mount {
  readonly path: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * @param file the checkpoint that the graph was bound to.
 * @param onRead told of bytes of the file as they are dealt with; they add up to `readBytes` of the graph.
 */
export async function readMounts(
  file: Blob,
  { mounts }: BoundGraph,
  onRead: (bytes: number) => void,
): Promise<Mount[]> {
  const read: Mount[] = [];
  for (const mount of mounts) {
    const { location: path } = mount;
    if (mount.kind === "converted") {
      read.push({ path, data: await convert(file, mount, onRead) });
      continue;
    }
    const { begin, end } = mount;
    read.push({ path, data: new Uint8Array(await file.slice(begin, end).arrayBuffer()) });
    onRead(end - begin);
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
