/** The recipe inside a PNG picture, whichever program wrote it. */

import { Failure } from "../core/failure";
import { readJsonRecipe } from "./infotext/jsonRecipe";
import { readInfotext } from "./infotext/readInfotext";
import type { StatedRecipe } from "./infotext/statedRecipe";
import { INFOTEXT_KEYWORD } from "./infotext/writeInfotext";
import { readPngText } from "./pngText";

/** JSON is looked for here after `parameters`: InvokeAI's and NovelAI's keywords. */
const JSON_KEYWORDS = ["invokeai_metadata", "Comment"];

/**
 * Reads what a PNG picture says of how it was made.
 *
 * @throws {Failure} "bad-request" if the file is not PNG, is damaged, has no recipe inside, or one that is longer than anyone needs.
 */
export function readPictureRecipe(file: Uint8Array): StatedRecipe {
  const texts = readPngText(file, [INFOTEXT_KEYWORD, ...JSON_KEYWORDS]);
  const infotext = texts.get(INFOTEXT_KEYWORD);
  if (infotext !== undefined) return readJsonRecipe(infotext) ?? readInfotext(infotext);
  for (const keyword of JSON_KEYWORDS) {
    const stated = readJsonRecipe(texts.get(keyword) ?? "");
    if (stated) return stated;
  }
  throw new Failure(
    "bad-request",
    "This picture has no recipe inside; wanted a PNG picture that a program like this one made.",
  );
}
