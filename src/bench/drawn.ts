/** Draws one picture as the page does, its file included, and measures it. */

import type { Model } from "../checkpoint/model";
import type { Rgba } from "../core/pixels";
import type { Recipe } from "../core/recipe";
import { picturePng } from "../image/picture";
import type { Observer } from "../pipeline/observer";
import { promptMatch } from "../pipeline/promptMatch";
import { textToImage } from "../pipeline/textToImage";
import type { Subject, Surroundings } from "./subject";

/** A picture, and the time and reads that it took. */
export interface Drawn {
  readonly pixels: Rgba;
  /** From the recipe to the file. */
  readonly pictureMs: number;
  /** The sampler's loop, and the prompt match, of that. */
  readonly denoiseMs: number;
  readonly matchMs: number;
  /** Bytes that the host read from the GPU between the first step and the last; null without a GPU. */
  readonly loopReadBytes: number | null;
}

/** @param previews whether one is made after each step, as long as no other is on its way. */
export async function drawn(
  recipe: Recipe,
  { model, networks, meter }: Subject,
  { now, isCancelled }: Pick<Surroundings, "now" | "isCancelled">,
  previews = false,
): Promise<Drawn> {
  const readAt = { denoise: 0, decode: 0 };
  const observer: Observer = {
    stage: (stage) => {
      if (stage !== "encode") readAt[stage] = meter?.readBytes ?? 0;
    },
    step: previews ? previewing(model) : async () => undefined,
    isCancelled,
    now,
  };
  const startMs = now();
  const { pixels, timingsMs } = await textToImage(recipe, model, networks, observer);
  const { tookMs: matchMs } = await promptMatch(pixels, recipe.prompt, model, networks, now);
  picturePng(pixels, recipe, model);
  return {
    pixels,
    pictureMs: now() - startMs,
    denoiseMs: timingsMs.denoise,
    matchMs,
    loopReadBytes: meter && readAt.decode - readAt.denoise,
  };
}

/** Linear previews, one on its way at most, and none waited for. */
function previewing({ rgbMap }: Model): Observer["step"] {
  let isComing = false;
  let failure: unknown = null;
  return async ({ denoised, latentDevice }) => {
    if (failure !== null) throw failure;
    if (rgbMap === null || isComing) return;
    isComing = true;
    void latentDevice.rgba(denoised, rgbMap).then(
      () => {
        isComing = false;
      },
      (cause: unknown) => {
        failure = cause;
      },
    );
  };
}
