/** Makes a latent-sized preview large and soft, the way a cubic B-spline does. */

import type { Rgba } from "../../core/pixels";

/**
 * `image` with `factor` times its sides, through the uniform cubic B-spline (Unser 1999, "Splines: a perfect fit",
 * eq. 7): twice continuously differentiable, so that no cell of the latent grid shows an edge, and never outside
 * the range of its neighbours, so that nothing rings. Edges repeat.
 */
export function enlarge(image: Rgba, factor: number): Rgba {
  const { widthPx, heightPx, bytes } = image;
  const across = stretch(
    bytes,
    { lines: heightPx, length: widthPx, lineStride: 4 * widthPx, stride: 4 },
    factor,
  );
  const wide = widthPx * factor;
  const down = stretch(across, { lines: wide, length: heightPx, lineStride: 4, stride: 4 * wide }, factor);
  return { widthPx: wide, heightPx: heightPx * factor, bytes: new Uint8ClampedArray(down) };
}

interface Layout {
  readonly lines: number;
  readonly length: number;
  readonly lineStride: number;
  readonly stride: number;
}

/** Stretches every line along one axis; the other axis keeps its layout. */
function stretch(source: ArrayLike<number>, { lines, length, lineStride, stride }: Layout, factor: number) {
  const out = new Float32Array(4 * lines * length * factor);
  // Rows grow longer; columns stay where they are, side by side.
  const outLineStride = stride === 4 ? lineStride * factor : lineStride;
  for (let to = 0; to < length * factor; to++) {
    const taps = tapsAt((to + 0.5) / factor - 0.5, length);
    for (let line = 0; line < lines; line++) {
      const from = line * lineStride;
      const start = line * outLineStride + to * stride;
      for (const { at, weight } of taps) addPixel(out, start, source, from + at * stride, weight);
    }
  }
  return out;
}

function addPixel(
  out: Float32Array,
  to: number,
  source: ArrayLike<number>,
  from: number,
  weight: number,
): void {
  for (let channel = 0; channel < 4; channel++) {
    out[to + channel] = (out[to + channel] ?? 0) + weight * (source[from + channel] ?? 0);
  }
}

/** The four neighbours of a position between samples, and how much each counts; the weights sum to 1. */
function tapsAt(position: number, length: number) {
  const floor = Math.floor(position);
  const t = position - floor;
  const weights = [(1 - t) ** 3, 3 * t ** 3 - 6 * t ** 2 + 4, -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1, t ** 3];
  return weights.map((weight, index) => ({
    at: Math.min(length - 1, Math.max(0, floor - 1 + index)),
    weight: weight / 6,
  }));
}
