/** Answers how a prompt reads to a model while it is typed. */

import type { Model } from "../checkpoint/model";
import type { Understood } from "../prompt/understanding/understood";
import type { InspectedPrompt } from "../protocol/calls";
import type { PromptReport, PromptUnderstanding } from "../protocol/promptReport";

/** The report on a prompt. A word that is not finished yet is counted, and not held against anyone. */
export function inspectPrompt(
  { text, begun, everyWord }: InspectedPrompt,
  { tokenizers, understand }: Pick<Model, "tokenizers" | "understand">,
): PromptReport {
  const known = everyWord ? null : understand;
  const sent = known === null ? text : known(text).draws;
  const { tokens, limit, overflow } = tokenizers[0].encode(sent);
  const understood = known === null ? null : understandingOf(known(text.slice(0, begun ?? text.length)));
  return { text, tokens, limit, overflow, understood };
}

function understandingOf({ notes, ...understood }: Understood): PromptUnderstanding {
  const most = notes.find(({ kind }) => kind === "count");
  return { ...understood, most: most?.drawn ?? null };
}
