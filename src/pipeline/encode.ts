/** The first stage: the recipe's two texts as embeddings. */

import type { Model } from "../checkpoint/model";
import type { Recipe } from "../core/recipe";
import type { TokenizedPrompt } from "../prompt/clipTokenizer";
import { classifierFreeScale } from "./conditioning";
import type { RunStage } from "./observer";
import type { Embeddings, Networks } from "./ports";

/** The texts of one drawing. */
export interface EncodedTexts {
  /** The prompt as the first text encoder reads it. */
  readonly prompt: TokenizedPrompt;
  readonly prompted: Embeddings;
  /** The negative prompt; `prompted` itself where guidance does not ask for it. */
  readonly unprompted: Embeddings;
  /** Gives the embeddings back. */
  dispose(): void;
}

/**
 * Encodes the prompt and, if classifier-free guidance needs it, the negative prompt.
 *
 * @throws {Failure} "cancelled", or any failure of a text encoder; then nothing is held.
 */
export async function encodeTexts(
  recipe: Recipe,
  model: Model,
  networks: Networks,
  run: RunStage,
): Promise<EncodedTexts> {
  const texts = readText(model, recipe.prompt);
  const prompted = await run("encode", () => networks.encode(texts));
  try {
    const unprompted =
      classifierFreeScale(recipe, model) === 1
        ? prompted
        : await run("encode", () => encodeNegative(recipe, model, networks, prompted));
    const dispose = () => {
      for (const text of new Set([prompted, unprompted])) text.dispose();
    };
    return { prompt: texts[0], prompted, unprompted, dispose };
  } catch (error) {
    prompted.dispose();
    throw error;
  }
}

/** A text as each text encoder of the model reads it, the first encoder's reading first. */
export function readText({ tokenizers: [first, ...others] }: Model, text: string) {
  return [first.encode(text), ...others.map((tokenizer) => tokenizer.encode(text))] as const;
}

function encodeNegative(
  { negativePrompt }: Recipe,
  model: Model,
  networks: Networks,
  prompted: Embeddings,
): Promise<Embeddings> {
  if (negativePrompt === "" && model.zerosForNoNegative) return networks.zeros(prompted);
  return networks.encode(readText(model, negativePrompt));
}
