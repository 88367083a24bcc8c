/** The prompt, in a box that grows with it, knows the model's words, and strikes out those that are not drawn. */

import { useId, useMemo, useRef } from "react";
import { LIMITS } from "../../protocol/settings";
import { changeSettings } from "../drawing/actions";
import { inspectPrompt } from "../drawing/loading";
import { useApp } from "../store";
import { struckSegments } from "../words/struckSegments";
import { optionId, SuggestionList } from "./SuggestionList";
import { SurpriseButton } from "./SurpriseButton";
import { useSuggesting } from "./suggesting";
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
          {...(suggestions.length > 0 && { "aria-controls": listId })}
          aria-activedescendant={suggestions[active] && optionId(listId, active)}
          onChange={({ target, nativeEvent }) => {
            if (nativeEvent instanceof InputEvent && nativeEvent.isComposing) suggesting.compose();
            else suggesting.update();
            changeSettings({ prompt: target.value });
          }}
          onKeyDown={suggesting.onKeyDown}
          onCompositionStart={suggesting.beginComposition}
          onCompositionEnd={() => {
            suggesting.update();
            void inspectPrompt();
          }}
          onSelect={suggesting.follow}
          onBlur={suggesting.leave}
        />
      </div>
      <SuggestionList id={listId} suggesting={suggesting} />
    </div>
  );
}

/** The same text behind the box: it gives the box its height, and words that are left out their stroke. */
function PromptMirror({ prompt }: { readonly prompt: string }) {
  const report = useApp(({ promptReport }) => promptReport);
  const segments = useMemo(() => struckSegments(prompt, report), [prompt, report]);
  return (
    <div className="prompt-mirror" dir="auto" aria-hidden="true">
      {segments.map(({ text, isStruck, begin }) =>
        isStruck ? <s key={begin}>{text}</s> : <span key={begin}>{text}</span>,
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
