/** The list of suggestions of a text box: when it is open, which one is meant, and what the keys do to it. */

import { type KeyboardEvent, type RefObject, useMemo, useState } from "react";
import { store, useApp } from "../store";
import { type Lexicon, lexiconOf } from "../words/lexicon";
import { lastWordOf, type Suggestion, suggestionsAt } from "../words/suggest";

/** A list of suggestions: its options and its keys. */
export interface Suggesting {
  /** Empty while the list is closed. */
  readonly suggestions: readonly Suggestion[];
  /** The one that Enter takes; -1 while the keys belong to the text. */
  readonly active: number;
  /** Looks again at what stands before the caret. */
  update(): void;
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

const NO_WORDS: readonly string[] = [];

/** Words of the prompt that the model has never seen; one that is still being typed is not held against anyone. */
export function useUnknownWords(): readonly string[] {
  const words = useApp(({ promptReport }) => promptReport?.unknownWords ?? NO_WORDS);
  const halfTyped = useApp((state) => state.halfTyped);
  return useMemo(() => words.filter((word) => word !== halfTyped), [words, halfTyped]);
}

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
  const show = (shown: readonly Suggestion[], text: string) => {
    const [first] = shown;
    const isBeginning = first !== undefined && !first.isCorrection;
    store.setState({ halfTyped: isBeginning ? (lastWordOf(text.slice(0, first.end)) ?? null) : null });
    set({ suggestions: shown, active: -1 });
  };
  const close = () => show([], "");
  const leave = () => {
    set({ suggestions: [], active: -1 });
    afterPress(() => {
      if (document.activeElement !== box.current) store.setState({ halfTyped: null });
    });
  };
  const update = () => {
    const { current } = box;
    if (current === null || current.selectionStart !== current.selectionEnd) return close();
    show(suggestionsAt(current.value, current.selectionStart, lexicon), current.value);
  };
  const follow = () => {
    if (suggestions[0] && box.current?.selectionEnd !== suggestions[0].end) close();
  };
  const take = ({ start, end, text }: Suggestion) => {
    if (box.current !== null) replaceIn(box.current, start, end, text);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (suggestions.length === 0 || event.nativeEvent.isComposing || isModified(event)) return;
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
  return { suggestions, active, update, follow, close, leave, take, onKeyDown };
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
