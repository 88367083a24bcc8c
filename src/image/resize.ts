/** Pictures at another size. */

import type { HostTensor } from "../core/tensor";

/**
 * Planes [1, 3, h, w] at another size and within [-1, 1]: each pixel is the mean of the area that it covers, so that
 * nothing is left out and nothing is sharpened. Sides are scaled apart; at the same size only values outside change.
 */
export function resizedPlanes({ dims, data }: HostTensor, heightPx: number, widthPx: number): HostTensor {
  const [batch = 0, planes = 0, height = 0, width = 0] = dims;
  const clamped = data.map((level) => Math.max(-1, Math.min(1, level)));
  const narrow = averaged(clamped, [batch * planes * height, width, 1], widthPx);
  const small = averaged(narrow, [batch * planes, height, widthPx], heightPx);
  return { dims: [batch, planes, heightPx, widthPx], data: small };
}

/** [outer, from, inner] -> [outer, to, inner], each of `to` the mean of an equal share of `from`. */
function averaged(
  data: Float32Array<ArrayBuffer>,
  [outer, from, inner]: readonly [number, number, number],
  to: number,
): Float32Array<ArrayBuffer> {
  if (from === to) return data;
  const out = new Float32Array(outer * to * inner);
  for (const { source, target, weight } of overlaps(from, to))
    for (let block = 0; block < outer; block++) {
      const [into, outOf] = [(block * to + target) * inner, (block * from + source) * inner];
      for (let i = 0; i < inner; i++) out[into + i] = (out[into + i] ?? 0) + weight * (data[outOf + i] ?? 0);
    }
  return out;
}

/** A line cut into `from` and into `to` equal parts: which of them share how much of one of the latter. */
function* overlaps(from: number, to: number) {
  const share = from / to;
  for (let target = 0; target < to; target++) {
    const [begin, end] = [target * share, Math.min(from, (target + 1) * share)];
    for (let source = Math.floor(begin); source < end; source++)
      yield { source, target, weight: (Math.min(end, source + 1) - Math.max(begin, source)) / share };
  }
}
