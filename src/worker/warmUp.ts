/** A picture of one step that nobody sees: a GPU compiles its shaders when they are first used, for each size. */

import type { Model } from "../checkpoint/model";
import { asFailure } from "../core/failure";
import type { Stage } from "../pipeline/observer";
import type { Networks } from "../pipeline/ports";
import { promptMatch } from "../pipeline/promptMatch";
import { defaultRecipe } from "../pipeline/recipe/defaultRecipe";
import { textToImage } from "../pipeline/textToImage";

/** Who watches, and may say that it is not wanted any more. */
interface Watcher {
  /** So many of the stages of a picture are ready. */
  onReady(done: number, total: number): void;
  isCancelled(): boolean;
}

const STAGES: readonly Stage[] = ["encode", "denoise", "decode"];

/**
 * Asks every network once for what the model's makers recommend, so that the first picture does not wait for it. What fails on the
 * way is told by the picture that it fails.
 *
 * @throws {Failure} "cancelled" within one network call, and "device-lost".
 */
export async function warmUp(
  model: Model,
  networks: Networks,
  { onReady, isCancelled }: Watcher,
): Promise<void> {
  const ready = (done: number) => onReady(done, STAGES.length);
  try {
    const recipe = defaultRecipe(model, { steps: 1 });
    const { pixels } = await textToImage(recipe, model, networks, {
      stage: (stage) => ready(STAGES.indexOf(stage)),
      step: async () => undefined,
      isCancelled: async () => isCancelled(),
      now: () => 0,
    });
    await promptMatch(pixels, recipe.prompt, model, networks, () => 0);
    ready(STAGES.length);
  } catch (error) {
    const { code } = asFailure(error);
    if (code === "cancelled" || code === "device-lost") throw error;
  }
}
