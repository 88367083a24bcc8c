/** Writes NumPy's .npy file format, version 1.0 (numpy.lib.format). */

import type { HostTensor } from "../core/tensor";

const MAGIC = "\x93NUMPY\x01\x00";
/** The data begins at a multiple of this many bytes. */
const ALIGNMENT = 64;

/** A float32 tensor of any shape as the bytes of an .npy file, in C order. */
export function npy({ dims, data }: HostTensor): Uint8Array {
  const words = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims.map((dim) => `${dim},`).join(" ")}), }`;
  const before = MAGIC.length + 2;
  const padded = Math.ceil((before + words.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = `${words.padEnd(padded - before - 1)}\n`;
  const file = Buffer.alloc(padded + data.byteLength);
  file.write(MAGIC, 0, "latin1");
  file.writeUInt16LE(header.length, MAGIC.length);
  file.write(header, before, "latin1");
  for (const [i, value] of data.entries())
    file.writeFloatLE(value, padded + Float32Array.BYTES_PER_ELEMENT * i);
  return file;
}
