/** The words of a prompt, as people see them, and which of them a model has never met. */

/** Letters, marks and digits with apostrophes inside; or an emoji with its modifiers and joined companions. */
const WORD =
  /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*/gu;

/** A test for words of a closed vocabulary; case, accents' encoding and punctuation do not matter. */
export type UnknownWords = (text: string) => readonly string[];

/**
 * Finds the words of a text that are not in `knownWords`, as they were typed, in order, each once.
 * An entry of several words ("hot air balloon") makes each of them known.
 */
export function unknownWords(knownWords: readonly string[]): UnknownWords {
  const known = new Set(knownWords.flatMap((entry) => wordsOf(entry).map(fold)));
  return (text) => {
    const unknown = new Map<string, string>();
    for (const word of wordsOf(text)) {
      const folded = fold(word);
      if (!known.has(folded) && !unknown.has(folded)) unknown.set(folded, word);
    }
    return [...unknown.values()];
  };
}

const wordsOf = (text: string): readonly string[] => text.normalize("NFC").match(WORD) ?? [];

const fold = (word: string): string => word.toLowerCase().replaceAll("’", "'");
