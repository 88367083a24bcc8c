/**
 * The one place where numbers change their format: float16, bfloat16 and float32, bit by bit.
 * `Float16Array` is not used: half of the browsers that run us lack it. Bytes are little-endian, as in every file we read
 * and on every machine that has WebAssembly.
 */

/** Formats that a weight may have in a safetensors file and still be of use. */
export type StoredFloat = "F32" | "F16" | "BF16";

/** Formats that a graph computes in. */
export type GraphFloat = "F32" | "F16";

/** Bytes of one number. */
export const FLOAT_BYTES: Readonly<Record<StoredFloat, number>> = { F32: 4, F16: 2, BF16: 2 };

/** True for a safetensors dtype that can be converted. */
export function isStoredFloat(dtype: string): dtype is StoredFloat {
  return Object.hasOwn(FLOAT_BYTES, dtype);
}

/** Bits of a float16 -> bits of the float32 of the same value; NaN keeps its payload. */
function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  const shift = Math.clz32(fraction) - 21; // a subnormal of float16 is a normal number of float32
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}

/** Bits of a float32 -> bits of the nearest float16, ties to even (IEEE 754-2019, 4.3.1); NaN stays a (quiet) NaN. */
function narrowToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    const rebased = magnitude - 0x38000000;
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13); // the carry may reach infinity, as it must
  }
  return sign | roundToSubnormal(magnitude);
}

/** A float32 magnitude below 2^-14 in units of 2^-24, the spacing of float16's subnormals. */
function roundToSubnormal(magnitude: number): number {
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return 0;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const rest = significand & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const units = significand >>> shift;
  return rest > half || (rest === half && (units & 1) === 1) ? units + 1 : units;
}

let halves: Uint32Array | null = null;

/** A table: a model has millions of halves and only 65,536 kinds of them. */
function widenedHalves(): Uint32Array {
  halves ??= Uint32Array.from({ length: 0x10000 }, (_, half) => widenHalf(half));
  return halves;
}

/** float16 bits [n] -> float32 [n]. */
export function halvesToFloats(source: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(source.length);
  const table = widenedHalves();
  for (let i = 0; i < source.length; i++) bits[i] = table[source[i] ?? 0] ?? 0;
  return new Float32Array(bits.buffer);
}

/** float32 [n] -> float16 bits [n], rounded to nearest even. */
export function floatsToHalves(source: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(source.buffer, source.byteOffset, source.length);
  return Uint16Array.from(bits, narrowToHalf);
}

/** bfloat16 bits [n] -> float32 [n]: the upper half of each. */
function brainsToFloats(source: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(source.length);
  for (let i = 0; i < source.length; i++) bits[i] = (source[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}

/** The numbers in `bytes`, written as `from`, written as `to`. A bfloat16 beyond float16's range becomes an infinity. */
export function convertFloats(
  bytes: ArrayBuffer,
  from: StoredFloat,
  to: GraphFloat,
): Uint8Array<ArrayBuffer> {
  if (from === to) return new Uint8Array(bytes);
  if (from === "F32") return new Uint8Array(floatsToHalves(new Float32Array(bytes)).buffer);
  const floats =
    from === "F16" ? halvesToFloats(new Uint16Array(bytes)) : brainsToFloats(new Uint16Array(bytes));
  return new Uint8Array(to === "F32" ? floats.buffer : floatsToHalves(floats).buffer);
}

/** Bits that are all set in an infinity or a NaN, in each number of a 32-bit word. */
const EXPONENTS: Readonly<Record<StoredFloat, readonly number[]>> = {
  F32: [0x7f800000],
  F16: [0x7c000000, 0x7c00],
  BF16: [0x7f800000, 0x7f80],
};

/** True if every one of the numbers in `bytes`, written as `format`, is finite. @param bytes aligned to 4, as fresh ones are. */
export function areFinite(bytes: Uint8Array<ArrayBuffer>, format: StoredFloat): boolean {
  const { buffer, byteOffset, byteLength } = bytes;
  const words = new Uint32Array(buffer, byteOffset, byteLength >>> 2);
  const [upper = 0, lower = upper] = EXPONENTS[format];
  let found = 0;
  // A word at a time and no leaving early: a U-Net has a billion numbers.
  for (const word of words) found |= Number((word & upper) === upper) | Number((word & lower) === lower);
  const last = byteLength % 4 === 2 ? new DataView(buffer, byteOffset).getUint16(byteLength - 2, true) : 0;
  return found === 0 && (last & lower) !== lower;
}

/** A matrix [rows, columns] in C order -> [columns, rows]; each number has 2 or 4 bytes. */
export function transposed(
  bytes: Uint8Array<ArrayBuffer>,
  rows: number,
  columns: number,
): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  const count = rows * columns;
  const numbers =
    byteLength === 4 * count
      ? new Uint32Array(buffer, byteOffset, count)
      : new Uint16Array(buffer, byteOffset, count);
  const turned = numbers.slice();
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = numbers[row * columns + column] ?? 0;
  return new Uint8Array(turned.buffer);
}
