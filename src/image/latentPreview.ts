/** A first look at a picture in the making: latents seen as colours through a linear map that was fitted on the autoencoder. */

import { Failure } from "../core/failure";
import type { Rgba, RgbMap } from "../core/pixels";
import type { HostTensor } from "../core/tensor";
import { toByte } from "./pixels";

/**
 * Shows latents [1, channels, h, w] as h x w opaque pixels.
 *
 * @throws {Failure} "internal" if the map has not one row per channel, or a latent is not finite.
 */
export function previewRgba({ dims, data }: HostTensor, { matrix, bias }: RgbMap): Rgba {
  const [batch, channels, heightPx = 0, widthPx = 0] = dims;
  if (dims.length !== 4 || batch !== 1 || channels !== matrix.length)
    throw new Failure(
      "internal",
      `A preview wants latents [1, ${matrix.length}, h, w], got [${dims.join(", ")}].`,
    );
  const area = heightPx * widthPx;
  const bytes = new Uint8ClampedArray(4 * area).fill(255);
  for (let pixel = 0; pixel < area; pixel++)
    for (const [colour, offset] of bias.entries()) {
      let level = offset;
      for (const [channel, row] of matrix.entries())
        level += (data[channel * area + pixel] ?? Number.NaN) * (row[colour] ?? Number.NaN);
      bytes[4 * pixel + colour] = toByte(level);
    }
  return { widthPx, heightPx, bytes };
}
