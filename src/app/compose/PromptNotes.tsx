/** What the model cannot read in the prompt, in words. */

import { useApp } from "../store";

const LIST = new Intl.ListFormat("en", { type: "conjunction" });
const NAMED_WORDS = 6;

export function PromptNotes() {
  const report = useApp(({ promptReport }) => promptReport);
  const known = useApp(({ modelReport }) => knownCount(modelReport?.vocabulary ?? null));
  return (
    <div className="prompt-notes" id="prompt-notes">
      {report && report.unknownWords.length > 0 && (
        <p className="note">
          New to this model: {wordList(report.unknownWords)}.{" "}
          {known > 0 ? `It was taught ${known} words and can only guess at others.` : "It can only guess."}
        </p>
      )}
      {report && report.overflow !== "" && (
        <p className="note warning">
          Too long: the model reads {report.limit} tokens, and this part will not be read: “
          {shortened(report.overflow)}”
        </p>
      )}
    </div>
  );
}

function knownCount(vocabulary: Readonly<Record<string, readonly string[]>> | null): number {
  return new Set(Object.values(vocabulary ?? {}).flat()).size;
}

function wordList(words: readonly string[]): string {
  const named = words.slice(0, NAMED_WORDS).map((word) => `“${word}”`);
  const rest = words.length - named.length;
  return LIST.format(rest > 0 ? [...named, `${rest} more`] : named);
}

function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
