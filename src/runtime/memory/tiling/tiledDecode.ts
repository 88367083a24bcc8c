/** Decoding in tiles, one after another, that fade into each other. */

import { Failure } from "../../../core/failure";
import { elementCount, type HostTensor } from "../../../core/tensor";
import type { Span, TilePlan } from "./tilePlan";

/** Axes of [1, c, h, w]. */
const [ROWS, COLUMNS] = [2, 3] as const;

/**
 * Latents [1, c, h, w] -> planes [1, 3, H, W].
 *
 * @param decode of latents [1, c, plan.height, plan.width].
 * @throws {Failure} "internal" if a tile is decoded to anything but planes of so many times its size; and as `decode` does.
 */
export function decodeTiled(
  latents: HostTensor,
  plan: TilePlan,
  decode: (tile: HostTensor) => Promise<HostTensor>,
): Promise<HostTensor> {
  return joined(plan.rows, plan.height, ROWS, (top) => {
    const row = slice(latents, ROWS, top, plan.height);
    return joined(plan.columns, plan.width, COLUMNS, (left) => decode(slice(row, COLUMNS, left, plan.width)));
  });
}

/** Parts along an axis, each laid over what is there already. @param side of a part in latents. */
async function joined(
  spans: readonly Span[],
  side: number,
  axis: number,
  make: (start: number) => Promise<HostTensor>,
): Promise<HostTensor> {
  const extent = (spans.at(-1)?.start ?? 0) + side;
  let whole: HostTensor | null = null;
  for (const { start, fade } of spans) {
    const part = await make(start);
    const factor = (part.dims[axis] ?? 0) / side;
    if (!Number.isInteger(factor))
      throw new Failure(
        "internal",
        `Wanted planes of so many pixels for each of ${side} latents, got [${part.dims.join(", ")}].`,
      );
    whole ??= zeros(part.dims.map((length, i) => (i === axis ? extent * factor : length)));
    lay(part, whole, axis, { at: start * factor, from: fade[0] * factor, to: fade[1] * factor });
  }
  if (!whole) throw new Failure("internal", "A picture was to be decoded in no tiles.");
  return whole;
}

/** Where a part begins, and from where to where it fades in, in pixels. */
interface Blend {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** Lays a part over the whole, weighted by a ramp from 0 to 1; what was there keeps the rest, so that weights sum to 1. */
function lay(part: HostTensor, whole: HostTensor, axis: number, { at, from, to }: Blend): void {
  const inner = elementCount(part.dims.slice(axis + 1));
  const length = part.dims[axis] ?? 0;
  const stride = (whole.dims[axis] ?? 0) * inner;
  const outer = elementCount(part.dims.slice(0, axis));
  for (let o = 0; o < outer; o++) {
    const source = part.data.subarray(o * length * inner, (o + 1) * length * inner);
    const target = whole.data.subarray(o * stride + at * inner);
    for (let p = from; p < to; p++) {
      const weight = (p + 0.5 - from) / (to - from);
      for (let i = (p - at) * inner; i < (p - at + 1) * inner; i++) {
        const there = target[i] ?? 0;
        target[i] = there + weight * ((source[i] ?? 0) - there);
      }
    }
    target.set(source.subarray((to - at) * inner), (to - at) * inner);
  }
}

/** `length` rows or columns of an axis, from `start` on. */
function slice({ dims, data }: HostTensor, axis: number, start: number, length: number): HostTensor {
  const inner = elementCount(dims.slice(axis + 1));
  const stride = (dims[axis] ?? 0) * inner;
  const part = zeros(dims.map((extent, i) => (i === axis ? length : extent)));
  for (let o = 0; o * stride < data.length; o++)
    part.data.set(
      data.subarray(o * stride + start * inner, o * stride + (start + length) * inner),
      o * length * inner,
    );
  return part;
}

function zeros(dims: readonly number[]): HostTensor {
  return { dims, data: new Float32Array(elementCount(dims)) };
}
