/** How well a finished picture fits its prompt, by the model's own CLIP. It stands beside the pipeline, for callers that want a score. */

import type { Model } from "../checkpoint/model";
import type { Rgba } from "../core/pixels";
import { toPlanes } from "../image/pixels";
import { resizedPlanes } from "../image/resize";
import { readText } from "./encode";
import type { Networks } from "./ports";

/** A picture's score. */
export interface Match {
  /** CLIP score, 0 ... 100; null if the model cannot score pictures, or does not know every word of the prompt. */
  readonly score: number | null;
  /** Milliseconds that scoring took; 0 where there is no score. */
  readonly tookMs: number;
}

/**
 * Scores a picture with 100 max(cosine, 0): Hessel et al. 2021 (arXiv:2104.08718), eq. 1, with 100 for their 2.5. The networks
 * remember the text of the picture that they have just drawn, so that it is not encoded again.
 *
 * @param now milliseconds on some clock.
 * @throws {Failure} any failure of the networks. The embeddings are given back on every path.
 */
export async function promptMatch(
  pixels: Rgba,
  prompt: string,
  model: Model,
  networks: Networks,
  now: () => number,
): Promise<Match> {
  const network = networks.promptMatch;
  if (network === null) return { score: null, tookMs: 0 };
  const startMs = now();
  const texts = readText(model, prompt);
  // Of words that the model never met its judge knows nothing either.
  if (texts[0].unknownWords.length > 0) return { score: null, tookMs: now() - startMs };
  const embeddings = await networks.encode(texts);
  try {
    const planes = resizedPlanes(toPlanes(pixels), network.sidePx, network.sidePx);
    const cosine = await network.cosine(planes, embeddings, texts[0].end);
    return { score: 100 * Math.max(cosine, 0), tookMs: now() - startMs };
  } finally {
    embeddings.dispose();
  }
}
