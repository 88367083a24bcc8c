/** Everything the model was taught, by kind; a word that is pressed joins the prompt. */

import { useRef } from "react";
import { changeSettings } from "../actions";
import { Icon } from "../Icon";
import { store, useApp } from "../store";

type Words = Readonly<Record<string, readonly string[]>>;

export function Vocabulary() {
  const dialog = useRef<HTMLDialogElement>(null);
  const vocabulary = useApp(({ modelReport }) => modelReport?.vocabulary ?? null);
  const name = useApp(({ modelReport }) => modelReport?.name ?? "");
  if (vocabulary === null) return null;
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
        </div>
        <p className="sheet-lead">These are all its words. Press one to add it to the prompt.</p>
        <WordKinds vocabulary={vocabulary} />
      </dialog>
    </>
  );
}

function WordKinds({ vocabulary }: { readonly vocabulary: Words }) {
  return Object.entries(vocabulary)
    .filter(([, words]) => words.length > 0)
    .map(([kind, words]) => (
      <section key={kind} className="word-kind" aria-label={kind}>
        <h3>{kind}</h3>
        <ul className="chips">
          {words.map((word) => (
            <li key={word}>
              <button type="button" className="chip" onClick={() => addToPrompt(word)}>
                {word}
              </button>
            </li>
          ))}
        </ul>
      </section>
    ));
}

function addToPrompt(word: string): void {
  const { prompt } = store.getState().settings;
  const start = prompt.trimEnd();
  changeSettings({ prompt: start === "" ? word : `${start} ${word}` });
}
