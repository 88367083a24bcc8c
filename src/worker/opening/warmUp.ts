/** Draws one step that nobody sees, since a GPU compiles its shaders at their first use, for each size. */

import type { Model } from "../../checkpoint/model";
import { asFailure } from "../../core/failure";
import type { Stage } from "../../pipeline/observer";
import type { Networks } from "../../pipeline/ports";
import { promptMatch } from "../../pipeline/promptMatch";
import { defaultRecipe } from "../../pipeline/recipe/defaultRecipe";
import { textToImage } from "../../pipeline/textToImage";

/** Receives the progress, and may cancel. */
interface Watcher {
  /** `done` of `total` stages have their shaders. */
  onReady(done: number, total: number): void;
  isCancelled(): boolean;
}

const STAGES: readonly Stage[] = ["encode", "denoise", "decode"];

/**
 * Runs every network once at the size that the model's makers recommend, so that the first picture does not wait for shaders. A failure on
 * the way is not reported here: the first picture fails in the same way and reports it.
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
