/** From the decoder's planes to bytes that a canvas can show. */

import { Failure } from "../core/failure";
import { brokenLevel, type Rgba } from "../core/pixels";
import type { HostTensor } from "../core/tensor";

/**
 * Interleaves planes [1, 3, height, width] in [-1, 1] as opaque RGBA; values outside are clamped. To the bit what
 * diffusers does (VaeImageProcessor): (x / 2 + 0.5) clamped to [0, 1], times 255, rounded half to even, all in f32.
 *
 * @throws {Failure} "internal" if the tensor is not one image of three planes, or has a number that is not finite.
 */
export function toRgba({ dims, data }: HostTensor): Rgba {
  const [batch, planes, heightPx = 0, widthPx = 0] = dims;
  if (dims.length !== 4 || batch !== 1 || planes !== 3)
    throw new Failure("internal", `A picture wants planes [1, 3, h, w], got [${dims.join(", ")}].`);
  const area = heightPx * widthPx;
  const bytes = new Uint8ClampedArray(4 * area).fill(255);
  for (let pixel = 0; pixel < area; pixel++)
    for (let plane = 0; plane < 3; plane++) bytes[4 * pixel + plane] = toByte(data[plane * area + pixel]);
  return { widthPx, heightPx, bytes };
}

/** The other way: opaque pixels as planes [1, 3, height, width] in [-1, 1], x = byte / 127.5 - 1. */
export function toPlanes({ widthPx, heightPx, bytes }: Rgba): HostTensor {
  const area = heightPx * widthPx;
  const data = new Float32Array(3 * area);
  for (let pixel = 0; pixel < area; pixel++)
    for (let plane = 0; plane < 3; plane++)
      data[plane * area + pixel] = (bytes[4 * pixel + plane] ?? 0) / 127.5 - 1;
  return { dims: [1, 3, heightPx, widthPx], data };
}

/** A level in [-1, 1] as a number in 0 ... 255 that a `Uint8ClampedArray` has yet to clamp and round (half to even). */
export function toByte(level = Number.NaN): number {
  if (!Number.isFinite(level)) throw brokenLevel(level);
  return Math.fround(255 * Math.fround(level / 2 + 0.5));
}
