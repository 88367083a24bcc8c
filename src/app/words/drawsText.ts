/** The line that says what a model with a closed vocabulary draws of a prompt. */

import type { PromptReport } from "../../protocol/promptReport";

/** One quiet line; "" where the prompt is drawn as it was typed. */
export function drawsText(report: PromptReport | null): string {
  const understood = report?.understood ?? null;
  if (understood === null || !understood.isChanged) return "";
  const { draws, most, nothingKnown } = understood;
  if (nothingKnown) return "Draws: nothing of this";
  return most === null ? `Draws: ${draws}` : `Draws: ${draws} (${most} at most)`;
}
