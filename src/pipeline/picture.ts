/** From the decoder's planes to the file that people keep: a PNG that can tell how it was made. */

import { version } from "../../package.json";
import type { Recipe } from "../core/recipe";
import type { HostTensor } from "../core/tensor";
import { INFOTEXT_KEYWORD, writeInfotext } from "../image/infotext";
import { toRgba } from "../image/pixels";
import { encodePng } from "../image/png";
import type { Model } from "./model";

/**
 * Planes [1, 3, height, width] in [-1, 1] as a PNG file with its recipe inside. The same planes and recipe give the same
 * bytes everywhere.
 *
 * @throws {Failure} "internal" if the planes are not one finite picture.
 */
export function picturePng(planes: HostTensor, recipe: Recipe, { card }: Model): Uint8Array<ArrayBuffer> {
  const parameters = writeInfotext({ recipe, model: card.name, version: `Afterimage ${version}` });
  return encodePng(toRgba(planes), { [INFOTEXT_KEYWORD]: parameters });
}
