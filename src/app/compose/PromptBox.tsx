/** The prompt, in a box that grows with it, knows the model's words, and underlines those it has never seen. */

import { useId, useMemo, useRef } from "react";
import { LIMITS } from "../../protocol/settings";
import { changeSettings } from "../drawing/actions";
import { useApp } from "../store";
import { markWords } from "../words/markWords";
import { optionId, SuggestionList } from "./SuggestionList";
import { SurpriseButton } from "./SurpriseButton";
import { useSuggesting, useUnknownWords } from "./suggesting";
import { Vocabulary } from "./Vocabulary";

/** The prompt box, for whoever gives the focus back to it. */
export const PROMPT_BOX_ID = "prompt-box";

export function PromptBox() {
  return (
    <div className="prompt">
      <div className="prompt-head">
        <label htmlFor={PROMPT_BOX_ID}>Prompt</label>
        <SurpriseButton />
        <Vocabulary />
        <TokenCount />
      </div>
      <PromptField />
    </div>
  );
}

/**
 * A text box of several lines may not be a combobox (ARIA in HTML), so it stays a textbox that points at a listbox: it says
 * that it completes from a list, and which option is active.
 */
function PromptField() {
  const listId = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const prompt = useApp(({ settings }) => settings.prompt);
  const example = useApp(({ modelReport }) => modelReport?.examples[0]?.prompt ?? "a few words");
  const suggesting = useSuggesting(box);
  const { suggestions, active } = suggesting;
  return (
    <div className="prompt-cell">
      <div className="prompt-field">
        <PromptMirror prompt={prompt} />
        <textarea
          ref={box}
          id={PROMPT_BOX_ID}
          dir="auto"
          rows={1}
          value={prompt}
          maxLength={LIMITS.promptChars}
          placeholder={example}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-describedby="prompt-notes"
          aria-keyshortcuts="Control+Enter Meta+Enter"
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={listId}
          aria-activedescendant={suggestions[active] && optionId(listId, active)}
          onChange={({ target, nativeEvent }) => {
            changeSettings({ prompt: target.value });
            if (nativeEvent instanceof InputEvent && nativeEvent.isComposing) suggesting.close();
            else suggesting.update();
          }}
          onKeyDown={suggesting.onKeyDown}
          onCompositionEnd={suggesting.update}
          onSelect={suggesting.follow}
          onBlur={suggesting.leave}
        />
      </div>
      <SuggestionList id={listId} suggesting={suggesting} />
    </div>
  );
}

/** The same text behind the box: it gives the box its height, and unknown words their underline. */
function PromptMirror({ prompt }: { readonly prompt: string }) {
  const unknownWords = useUnknownWords();
  const segments = useMemo(() => {
    let at = 0;
    return markWords(prompt, unknownWords).map((segment) => {
      const start = at;
      at += segment.text.length;
      return { ...segment, start };
    });
  }, [prompt, unknownWords]);
  return (
    <div className="prompt-mirror" dir="auto" aria-hidden="true">
      {segments.map(({ text, isMarked, start }) =>
        isMarked ? <mark key={start}>{text}</mark> : <span key={start}>{text}</span>,
      )}
      {/* A trailing line break has no height of its own. */}
      {"\u200b"}
    </div>
  );
}

function TokenCount() {
  const report = useApp(({ promptReport }) => promptReport);
  if (report === null) return <span className="tokens" />;
  const { tokens, limit } = report;
  return (
    <span className={tokens > limit ? "tokens over" : "tokens"}>
      <span aria-hidden="true">
        {tokens}/{limit}
      </span>
      <span className="visually-hidden">
        {tokens} of {limit} tokens
      </span>
    </span>
  );
}
