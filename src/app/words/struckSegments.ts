/** The prompt in segments, some of which the model is not sent. */

import type { PromptReport } from "../../protocol/promptReport";

/** A part of the prompt, from `begin` on. */
export interface Segment {
  readonly begin: number;
  readonly text: string;
  readonly isStruck: boolean;
}

/**
 * `prompt` cut into segments that join up to it again. A report on an earlier text strikes what it struck there, if the text up to
 * the end of that is still the same.
 */
export function struckSegments(prompt: string, report: PromptReport | null): readonly Segment[] {
  const leftOut = report?.understood?.leftOut ?? [];
  const struck = leftOut.filter(([, end]) => report?.text.slice(0, end) === prompt.slice(0, end));
  const bounds = [...new Set([0, ...struck.flat(), prompt.length])];
  return bounds.slice(0, -1).map((begin, i) => ({
    begin,
    text: prompt.slice(begin, bounds[i + 1]),
    isStruck: struck.some(([start]) => start === begin),
  }));
}
