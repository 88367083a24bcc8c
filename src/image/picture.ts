/** From pixels to the file that people keep: a PNG that can tell how it was made. */

import { version } from "../../package.json";
import type { ModelCard } from "../core/modelCard";
import type { Rgba } from "../core/pixels";
import type { Recipe } from "../core/recipe";
import { INFOTEXT_KEYWORD, writeInfotext } from "./infotext/writeInfotext";
import { encodePng } from "./png";

/** Pixels as a PNG file with its recipe inside. The same pixels and recipe give the same bytes everywhere. */
export function picturePng(
  pixels: Rgba,
  recipe: Recipe,
  { card }: { readonly card: ModelCard },
): Uint8Array<ArrayBuffer> {
  const parameters = writeInfotext({ recipe, model: card.name, version: `Afterimage ${version}` });
  return encodePng(pixels, { [INFOTEXT_KEYWORD]: parameters });
}
