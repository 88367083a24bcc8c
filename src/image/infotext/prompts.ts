/** The two prompts at the head of an infotext. */

/** Begins the negative prompt. */
export const NEGATIVE = "Negative prompt:";

/** Both prompts; "" where there is none. */
export interface Prompts {
  readonly prompt: string;
  readonly negativePrompt: string;
}

/** Everything before a line that begins a negative prompt, and everything from it on; lines are trimmed. */
export function readPrompts(text: string): Prompts {
  const positive: string[] = [];
  const negative: string[] = [];
  let into = positive;
  for (const line of text.split("\n").map((untrimmed) => untrimmed.trim())) {
    const isNegative = line.slice(0, NEGATIVE.length).toLowerCase() === NEGATIVE.toLowerCase();
    if (isNegative) into = negative;
    into.push(isNegative ? line.slice(NEGATIVE.length).trim() : line);
  }
  return { prompt: positive.join("\n").trim(), negativePrompt: negative.join("\n").trim() };
}

/** Without control characters (but line ends and tabs) and halves of characters, which no text file should hold. */
export function clean(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, "").replace(/\p{Cs}/gu, "\uFFFD");
}

/**
 * Marks in a prompt that other programs honour and we do not: emphasis as `(hat:1.2)` or `[hat]`, words that split a prompt, tags
 * as `<lora:name:0.8>`. One example of each, in plain words.
 */
export function marksInPrompt(text: string): readonly string[] {
  const emphasis = text.match(/(?<!\\)(?:\([^()\n]{1,80}\)|\[[^[\]\n]{1,80}\])/);
  const split = text.match(/(?<![^\s,])(?:BREAK|AND)(?![^\s,:])/);
  const tags = text.match(/<[a-z][a-z ]{0,20}(?:\[[^[\]]{0,40}\])?:[^<>\n]{1,120}>/gi);
  return [
    ...(emphasis ? [`Emphasis in the prompt: ${emphasis[0]}`] : []),
    ...(split ? [`Parts of the prompt: ${split[0]}`] : []),
    ...new Set((tags ?? []).map((tag) => `Tag in the prompt: ${tag}`)),
  ];
}
