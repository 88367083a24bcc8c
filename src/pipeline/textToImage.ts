/** Text to image: from a recipe to a picture, stage by stage. Latent diffusion, Rombach et al. 2022 (arXiv:2112.10752). */

import type { Model } from "../checkpoint/model";
import type { Rgba } from "../core/pixels";
import type { Recipe } from "../core/recipe";
import type { TokenizedPrompt } from "../prompt/clipTokenizer";
import { unetExtras } from "./conditioning";
import { decode } from "./decode";
import { denoise } from "./denoise";
import { type EncodedTexts, encodeTexts } from "./encode";
import { type Observer, type Stage, stageRunner } from "./observer";
import type { Networks } from "./ports";
import { checkRecipe } from "./recipe/checkRecipe";

/** A picture, and how it came about. */
export interface Drawing {
  readonly pixels: Rgba;
  /** The prompt as the first text encoder reads it. */
  readonly prompt: TokenizedPrompt;
  readonly timingsMs: Readonly<Record<Stage, number>>;
}

/**
 * Draws a recipe. The same recipe, model and backend give the same pixels.
 *
 * @throws {Failure} "bad-request" if the recipe asks for what the model cannot draw, "cancelled" if the observer says so, or any
 * failure of a network. Embeddings and latents are given back on every path.
 */
export async function textToImage(
  recipe: Recipe,
  model: Model,
  networks: Networks,
  observer: Observer,
): Promise<Drawing> {
  checkRecipe(recipe, model);
  const { latentDevice } = networks;
  const { run, timingsMs } = stageRunner(observer);
  const scope = latentDevice.open(latentDims(recipe, model), recipe.seed);
  let texts: EncodedTexts | null = null;
  try {
    const encoded = await encodeTexts(recipe, model, networks, run);
    texts = encoded;
    const latents = await run("denoise", () =>
      denoise(
        recipe,
        model,
        {
          networks,
          scope,
          texts: encoded,
          extras: unetExtras(recipe, model),
          start: { latent: scope.noise(), step: 0 },
        },
        observer,
      ),
    );
    if (observer.finished) observer.finished(await latentDevice.read(latents));
    const pixels = await run("decode", () => decode(latents, networks));
    return { pixels, prompt: encoded.prompt, timingsMs };
  } finally {
    scope.close();
    texts?.dispose();
  }
}

/** Extents of the latents, [1, channels, height / f, width / f], where the autoencoder makes one latent of f x f pixels. */
function latentDims(recipe: Recipe, { latentChannels, pixelsPerLatent }: Model): readonly number[] {
  return [1, latentChannels, recipe.heightPx / pixelsPerLatent, recipe.widthPx / pixelsPerLatent];
}
