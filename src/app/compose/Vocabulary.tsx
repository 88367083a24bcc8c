/** Everything the model was taught, by kind; a word that is pressed joins the prompt. */

import { useRef, useState } from "react";
import { pressSettings } from "../drawing/presses";
import { Icon } from "../frame/Icon";
import { store, useApp } from "../store";
import { folded, type Term } from "../words/lexicon";
import { withWord } from "../words/surprise";
import { useLexicon } from "./suggesting";

export function Vocabulary() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isKnown = useApp(({ modelReport }) => modelReport !== null && modelReport.vocabulary !== null);
  const name = useApp(({ modelReport }) => modelReport?.name ?? "");
  if (!isKnown) return null;
  const close = () => dialog.current?.close();
  return (
    <>
      <button
        type="button"
        className="link"
        aria-haspopup="dialog"
        onClick={() => dialog.current?.showModal()}
      >
        Words it knows
      </button>
      <dialog ref={dialog} className="sheet" aria-labelledby="vocabulary-title" closedby="any">
        <div className="sheet-head">
          <h2 id="vocabulary-title">What {name} knows</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
          <PromptSoFar />
        </div>
        <p className="sheet-lead">These are all its words. Press one to add it to the prompt.</p>
        <WordKinds onPress={addToPrompt} />
      </dialog>
    </>
  );
}

/** The prompt behind the sheet, so that each press is seen to do something. */
function PromptSoFar() {
  const prompt = useApp(({ settings }) => settings.prompt);
  return (
    <p className="sheet-prompt" role="status">
      {prompt === "" ? "The prompt is empty." : prompt}
    </p>
  );
}

/** Terms by kind, those only that contain what is sought. */
export function WordKinds({ onPress }: { readonly onPress: ((text: string) => void) | null }) {
  const { terms } = useLexicon();
  const [sought, setSought] = useState("");
  const found = terms.filter(({ text }) => folded(text).includes(folded(sought.trim())));
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  return (
    <>
      <div className="field word-search">
        <input
          type="text"
          aria-label="Find a word"
          placeholder="Find a word"
          autoComplete="off"
          value={sought}
          onChange={({ target }) => setSought(target.value)}
        />
        <p className="hint" role="status">
          {sought.trim() === "" ? "" : `${found.length} of ${terms.length}`}
        </p>
      </div>
      {kinds.map((kind) => (
        <section key={kind} className="word-kind" aria-label={kind}>
          <h3>{kind}</h3>
          <ul className="chips">
            {found
              .filter((term) => term.kind === kind)
              .map((term) => (
                <li key={term.text}>
                  <Chip term={term} onPress={onPress} />
                </li>
              ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Chip({ term, onPress }: { readonly term: Term; readonly onPress: ((text: string) => void) | null }) {
  const { text, meaning } = term;
  const content = (
    <>
      {text}
      {meaning !== null && <small> like {meaning}</small>}
    </>
  );
  if (onPress === null) return <span className="chip">{content}</span>;
  return (
    <button type="button" className="chip" onClick={() => onPress(text)}>
      {content}
    </button>
  );
}

function addToPrompt(word: string): void {
  const { prompt } = store.getState().settings;
  pressSettings({ prompt: withWord(prompt, word) }, false);
}
