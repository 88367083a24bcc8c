/** How a model reads a prompt, for the person who types it. */

/** The answer to a text that is being typed: no part of it is dropped in silence. */
export interface PromptReport {
  /** The text that this is about. */
  readonly text: string;
  /** Tokens of what the model is sent that carry words, those that did not fit included; start, end and padding are not counted. */
  readonly tokens: number;
  /** How many such tokens fit. */
  readonly limit: number;
  /** The end of what the model is sent (in Unicode's NFC) that did not fit, or "". */
  readonly overflow: string;
  /** The model's understanding of the words that are finished; null if it is sent every word as it is. */
  readonly understood: PromptUnderstanding | null;
}

/** A text as a model with a closed vocabulary understands it. */
export interface PromptUnderstanding {
  /** The text that the model is sent; "" if it knows nothing that could be drawn. */
  readonly draws: string;
  /** True if that is not the text as it was typed. */
  readonly isChanged: boolean;
  /** Stretches of the text (begin, end) that are not drawn, in order. */
  readonly leftOut: readonly (readonly [number, number])[];
  /** The highest number that can be drawn, in words, where the text asked for more; null elsewhere. */
  readonly most: string | null;
  /** True if the text has words, and none of them names anything that the model knows. */
  readonly nothingKnown: boolean;
  /** Prompts that the model can draw, made of whatever was understood; empty unless nothing is known. */
  readonly ideas: readonly string[];
}
