/** Notes on the words that the model cannot read, and likely corrections. */

import { useMemo } from "react";
import { changeSettings } from "../drawing/actions";
import { store, useApp } from "../store";
import { replaceWord } from "../words/markWords";
import { nearestWords } from "../words/nearest";
import { PROMPT_BOX_ID } from "./PromptBox";
import { useLexicon, useUnknownWords } from "./suggesting";
import { takeSurpriseBack, wordsBefore } from "./surprising";

const LIST = new Intl.ListFormat("en", { type: "conjunction" });
const NAMED_WORDS = 6;

export function PromptNotes() {
  const overflow = useApp(({ promptReport }) => promptReport?.overflow ?? "");
  const limit = useApp(({ promptReport }) => promptReport?.limit ?? 0);
  return (
    <div className="prompt-notes" id="prompt-notes">
      <UnknownWords />
      {overflow !== "" && (
        <p className="note warning">
          Too long: the model reads {limit} tokens, and this part will not be read: “{shortened(overflow)}”
        </p>
      )}
      <UndoReplacement />
    </div>
  );
}

function UnknownWords() {
  const unknown = useUnknownWords();
  const lexicon = useLexicon();
  const meant = useMemo(
    () =>
      unknown
        .slice(0, NAMED_WORDS)
        .flatMap((word) => nearestWords(word, lexicon, 1).map((near) => ({ word, near }))),
    [unknown, lexicon],
  );
  if (unknown.length === 0) return null;
  const { size } = lexicon.words;
  return (
    <>
      <p className="note">
        New to this model: {wordList(unknown)}.{" "}
        {size > 0 ? `It was taught ${size} words and can only guess at others.` : "It can only guess."}
      </p>
      {meant.length > 0 && (
        <ul className="meant" aria-label="Did you mean">
          {meant.map(({ word, near }) => (
            <li key={word}>
              <button
                type="button"
                className="chip"
                aria-label={`Replace “${word}” by “${near}”`}
                onClick={({ detail }) => put(near, word, detail === 0)}
              >
                <s>{word}</s> {near}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** @param isByKey then the focus goes on to the prompt, since the button it was on is about to go. */
function put(near: string, word: string, isByKey: boolean): void {
  changeSettings({ prompt: replaceWord(store.getState().settings.prompt, word, near) });
  if (isByKey) document.getElementById(PROMPT_BOX_ID)?.focus();
}

function UndoReplacement() {
  const before = useApp(wordsBefore);
  if (before === null) return null;
  const goBack = () => {
    takeSurpriseBack();
    document.getElementById(PROMPT_BOX_ID)?.focus({ preventScroll: true });
  };
  return (
    <p className="note">
      <button type="button" className="link" onClick={goBack}>
        Back to “{shortened(before)}”
      </button>
    </p>
  );
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
