/** The network that looks at a picture and a text and says how well they fit: a small CLIP over the model's own text encoder. */

import * as v from "valibot";
import type { Config } from "../../checkpoint/checkpoint";
import { Failure } from "../../core/failure";
import type { PromptMatch } from "../../pipeline/ports";
import { type Feeds, type OrtTensor, takeFloats } from "../ort/tensors";
import type { EmbeddingCache } from "./embeddingCache";

const CONFIG = v.object({ image_size: v.pipe(v.number(), v.integer(), v.minValue(1)) });

/** Pixels along each side of a picture as the network wants it, from its `config.json`. @throws {Failure} "model-corrupt". */
export function pictureSide(config: Config): number {
  const result = v.safeParse(CONFIG, config);
  if (result.success) return result.output.image_size;
  const [issue] = result.issues;
  throw new Failure(
    "model-corrupt",
    `prompt_match/config.json: ${v.getDotPath(issue)}: ${issue.message}. Fetch the model again.`,
  );
}

/** The network as the pipeline wants it; texts are those of the model's own text encoder, wherever they are. */
export function promptMatch(
  run: (feeds: Feeds) => Promise<OrtTensor>,
  sidePx: number,
  cache: EmbeddingCache,
): PromptMatch {
  return {
    sidePx,
    async cosine(planes, text, end) {
      const feeds = {
        pixels: planes,
        text: cache.find(text).tensor,
        end: { dims: [1], data: Int32Array.of(end) },
      };
      return takeFloats(await run(feeds)).data[0] ?? Number.NaN;
    },
  };
}
