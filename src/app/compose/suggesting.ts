/** The list of suggestions of a text box: when it is open, which one is meant, and what the keys do to it. */

import { type KeyboardEvent, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { finishWords } from "../drawing/loading";
import { store, useApp } from "../store";
import { type Lexicon, lexiconOf } from "../words/lexicon";
import { type Suggestion, suggestionsAt, wordBegunAt } from "../words/suggest";
import { isComposing } from "./composing";

/** A list of suggestions: its options and its keys. */
export interface Suggesting {
  /** Empty while the list is closed. */
  readonly suggestions: readonly Suggestion[];
  /** The one that Enter takes; -1 while the keys belong to the text. */
  readonly active: number;
  /** Looks again at what stands before the caret. Called before the prompt changes in the store. */
  update(): void;
  /** An input method begins a composition; until it ends, nothing from there on is judged. */
  beginComposition(): void;
  /** The composition has grown. Called before the prompt changes in the store. */
  compose(): void;
  /** Closes the list if the caret has left the word that it is about. */
  follow(): void;
  close(): void;
  /** Closes the list as the focus goes; what follows from it waits until the press that took the focus is over. */
  leave(): void;
  take(suggestion: Suggestion): void;
  onKeyDown(event: KeyboardEvent): void;
}

/** The lexicon of the model, made once for each. */
export function useLexicon(): Lexicon {
  const vocabulary = useApp(({ modelReport }) => modelReport?.vocabulary ?? null);
  return useMemo(() => lexiconOf(vocabulary), [vocabulary]);
}

/** A pause of so many milliseconds in typing ends a word that is not the beginning of a known one. */
const PAUSE_MS = 1000;

/**
 * Suggestions for what is typed into `box`. The list never takes the focus, and takes a key only where that cannot be
 * meant for the text: arrows while it is open, Enter and Tab once an arrow has chosen.
 */
export function useSuggesting(box: RefObject<HTMLTextAreaElement | null>): Suggesting {
  const lexicon = useLexicon();
  const [{ suggestions, active }, set] = useState<Pick<Suggesting, "suggestions" | "active">>({
    suggestions: [],
    active: -1,
  });
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(pause.current), []);
  const hide = () => set({ suggestions: [], active: -1 });
  const close = () => {
    hide();
    finishWords();
  };
  const leave = () => {
    hide();
    afterPress(() => {
      if (document.activeElement !== box.current) finishWords();
    });
  };
  const update = () => {
    const { current } = box;
    clearTimeout(pause.current);
    if (current === null || current.selectionStart !== current.selectionEnd) return close();
    const { value, selectionStart: caret } = current;
    const shown = suggestionsAt(value, caret, lexicon);
    store.setState({ begunWord: wordBegunAt(value, caret) });
    if (shown.length === 0) pause.current = setTimeout(finishWords, PAUSE_MS);
    set({ suggestions: shown, active: -1 });
  };
  const composedFrom = useRef(0);
  const beginComposition = () => {
    composedFrom.current = box.current?.selectionStart ?? 0;
  };
  const compose = () => {
    clearTimeout(pause.current);
    hide();
    store.setState({ begunWord: composedFrom.current });
  };
  const follow = () => {
    if (suggestions[0] && box.current?.selectionEnd !== suggestions[0].end) close();
  };
  const take = ({ start, end, text }: Suggestion) => {
    if (box.current !== null) replaceIn(box.current, start, end, text);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (suggestions.length === 0 || isComposing(event.nativeEvent) || isModified(event)) return;
    const move = moveOf(event.key, active, suggestions.length);
    if (move === null) return;
    const chosen = suggestions[active];
    if (move === "close") close();
    else if (move !== "take") set({ suggestions, active: move });
    else if (chosen) take(chosen);
    event.preventDefault();
    // Esc closes the list and does not also stop the picture in the making.
    event.nativeEvent.stopImmediatePropagation();
  };
  return { suggestions, active, update, beginComposition, compose, follow, close, leave, take, onKeyDown };
}

/**
 * Runs `then` once the key or the button that is down has been let go and has had its effect: what moves the page in
 * between would take a button away from under the pointer, and the click with it.
 */
function afterPress(then: () => void): void {
  const ends = new AbortController();
  const end = () => {
    ends.abort();
    setTimeout(then);
  };
  for (const event of ["pointerup", "pointercancel", "keyup"])
    addEventListener(event, end, { signal: ends.signal });
}

/** The effect of a key on an open list: another option becomes active, or it ends; null if the key is for the text. */
function moveOf(key: string, active: number, count: number): number | "take" | "close" | null {
  const isChosen = active >= 0;
  switch (key) {
    case "Escape":
      return "close";
    case "ArrowDown":
      return (active + 1) % count;
    case "ArrowUp":
      return isChosen ? active - 1 : null;
    case "Enter":
    case "Tab":
      return isChosen ? "take" : null;
    default:
      return null;
  }
}

function isModified({ ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey || altKey || shiftKey;
}

/** Replaces the text between two positions by `text`, as if it had been typed: it can be undone. */
function replaceIn(box: HTMLTextAreaElement, start: number, end: number, text: string): void {
  box.focus();
  box.setSelectionRange(start, end);
  // Deprecated, and still the only way in every browser that the undo history survives.
  if (document.execCommand("insertText", false, text)) return;
  box.setRangeText(text, start, end, "end");
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
