/** A prompt that nobody thought of. */

import type { ModelCard } from "../../core/modelCard";
import { pressSettings } from "../drawing/presses";
import { randomSeed } from "../drawing/seed";
import { type AppState, store } from "../store";
import { surprisePrompt } from "../words/surprise";

/** Throws of the dice before the prompt that stands there already is taken for the only one. */
const THROWS = 8;

/** True if the model says enough of itself to compose a prompt from. */
export function canSurprise({ modelReport }: AppState): boolean {
  return modelReport !== null && composed(modelReport, 0n) !== null;
}

/** Replaces the prompt by a composed one. */
export function surprise(): void {
  const { modelReport, settings } = store.getState();
  if (modelReport === null) return;
  const throws = Array.from({ length: THROWS }, () => composed(modelReport, randomSeed()));
  const prompt = throws.find((other) => other !== null && other !== settings.prompt);
  if (prompt !== null && prompt !== undefined) pressSettings({ prompt }, true);
}

function composed({ vocabulary, examples }: ModelCard, seed: bigint): string | null {
  return surprisePrompt(vocabulary ?? {}, examples, seed);
}
