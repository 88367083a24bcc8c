/** A prompt that nobody thought of, and the way back from it. */

import type { ModelCard } from "../../core/modelCard";
import { changeSettings } from "../drawing/actions";
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
  const { modelReport, settings, surprised } = store.getState();
  if (modelReport === null) return;
  const throws = Array.from({ length: THROWS }, () => composed(modelReport, randomSeed()));
  const prompt = throws.find((other) => other !== null && other !== settings.prompt);
  if (prompt === null || prompt === undefined) return;
  // After several surprises the way back still leads to what a person wrote.
  const before = surprised?.prompt === settings.prompt ? surprised.before : settings.prompt;
  store.setState({ surprised: { prompt, before } });
  changeSettings({ prompt });
}

/** Brings the words back that a surprise replaced. */
export function takeSurpriseBack(): void {
  const { surprised } = store.getState();
  if (surprised === null) return;
  store.setState({ surprised: null });
  changeSettings({ prompt: surprised.before });
}

/** The words that can be had back, or null: there are none, or the composed prompt has been edited since. */
export function wordsBefore({ surprised, settings }: AppState): string | null {
  if (surprised === null || surprised.prompt !== settings.prompt) return null;
  return surprised.before.trim() === "" ? null : surprised.before;
}

function composed({ vocabulary, examples }: ModelCard, seed: bigint): string | null {
  return surprisePrompt(vocabulary ?? {}, examples, seed);
}
