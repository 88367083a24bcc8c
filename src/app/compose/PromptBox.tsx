/** The prompt, in a box that grows with it and underlines the words that the model has never seen. */

import { useId, useMemo } from "react";
import { LIMITS } from "../../protocol/settings";
import { changeSettings } from "../actions";
import { markWords } from "../markWords";
import { useApp } from "../store";
import { Vocabulary } from "./Vocabulary";

const NO_WORDS: readonly string[] = [];

export function PromptBox() {
  const id = useId();
  const prompt = useApp(({ settings }) => settings.prompt);
  const unknownWords = useApp(({ promptReport }) => promptReport?.unknownWords ?? NO_WORDS);
  return (
    <div className="prompt">
      <div className="prompt-head">
        <label htmlFor={id}>Prompt</label>
        <Vocabulary />
        <TokenCount />
      </div>
      <div className="prompt-field">
        <PromptMirror prompt={prompt} unknownWords={unknownWords} />
        <textarea
          id={id}
          dir="auto"
          rows={1}
          value={prompt}
          maxLength={LIMITS.promptChars}
          placeholder="a cat on grass at sunset"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-describedby="prompt-notes"
          aria-keyshortcuts="Control+Enter Meta+Enter"
          onChange={({ target }) => changeSettings({ prompt: target.value })}
        />
      </div>
    </div>
  );
}

/** The same text behind the box: it gives the box its height, and unknown words their underline. */
function PromptMirror({ prompt, unknownWords }: { prompt: string; unknownWords: readonly string[] }) {
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
