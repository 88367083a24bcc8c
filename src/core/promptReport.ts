/** How a model reads a prompt. */

/** Tells people how much of a prompt fits and which words are unknown: no part of it is dropped in silence. */
export interface PromptReport {
  /** Tokens that carry words, those that did not fit included; start, end and padding are not counted. */
  readonly tokens: number;
  /** How many such tokens fit. */
  readonly limit: number;
  /** Words outside the model's closed vocabulary, as typed, in order, each once; empty if it has none. */
  readonly unknownWords: readonly string[];
  /** The end of the text (in Unicode's NFC) that did not fit, or "". */
  readonly overflow: string;
}
