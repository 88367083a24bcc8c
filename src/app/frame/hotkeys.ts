/** The keys that work anywhere on the page. */

import { generate, stop } from "../drawing/actions";
import { isLiveDrawing, stopLive } from "../live/liveMode";
import { isBusy, store } from "../store";
import { routeNow } from "./route";

/** Listens for Ctrl/Cmd+Enter (generate) and Esc (stop); returns the undo. */
export function listenForHotkeys(): () => void {
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}

function onKeyDown(event: KeyboardEvent): void {
  // An input method takes Enter and Esc for itself; an open dialog takes Esc.
  if (event.isComposing || event.repeat || document.querySelector("dialog[open], :popover-open")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && routeNow() === "studio") {
    event.preventDefault();
    void generate();
  }
  if (event.key === "Escape" && (isBusy(store.getState()) || isLiveDrawing(store.getState()))) {
    event.preventDefault();
    stop();
    stopLive();
  }
}
