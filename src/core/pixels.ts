/** Pictures as bytes that a canvas can show. */

/** Rows of R, G, B, A bytes, top-left first; `bytes.length === 4 * widthPx * heightPx`. */
export interface Rgba {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bytes: Uint8ClampedArray<ArrayBuffer>;
}
