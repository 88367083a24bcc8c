/** The keys that work anywhere on the page. */

import { isComposing } from "../compose/composing";
import { PROMPT_BOX_ID } from "../compose/PromptBox";
import { generate, stop } from "../drawing/actions";
import { undoPress } from "../drawing/presses";
import { isLiveDrawing, stopLive } from "../live/liveMode";
import { isBusy, store } from "../store";
import { routeNow } from "./route";

/** Listens for Ctrl/Cmd+Enter (generate), Ctrl/Cmd+Z (take a press back) and Esc (stop); returns the undo. */
export function listenForHotkeys(): () => void {
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}

function onKeyDown(event: KeyboardEvent): void {
  // An input method takes Enter and Esc for itself (Safari says so by the key code alone); an open dialog takes Esc.
  if (isComposing(event) || event.repeat || document.querySelector("dialog[open], :popover-open")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && routeNow() === "studio") {
    event.preventDefault();
    void generate();
  }
  if (isUndo(event) && isFreeForUndo(event.target) && undoPress()) event.preventDefault();
  // Elsewhere Esc may be meant for a field or a list; the picture goes on.
  const isStop = event.key === "Escape" && routeNow() === "studio";
  if (isStop && (isBusy(store.getState()) || isLiveDrawing(store.getState()))) {
    event.preventDefault();
    stop();
    stopLive();
  }
}

function isUndo({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === "z" && ctrlKey !== metaKey && !shiftKey && !altKey && routeNow() === "studio";
}

/** False in other text fields than the prompt: there the key takes letters back. */
function isFreeForUndo(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || target.id === PROMPT_BOX_ID) return true;
  const isText =
    target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === "text");
  return !isText && !target.isContentEditable;
}
