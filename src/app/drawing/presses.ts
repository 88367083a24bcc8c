/** Changes of the prompt by one press, as a surprise or an example, and the ways back from them. */

import type { Settings } from "../../storage/settings";
import { type AppState, type Press, store } from "../store";
import { inspectPrompt } from "./loading";

/** More ways back than this are forgotten, the oldest first. */
const PRESSES = 50;

/** Changes the prompt, and what comes with it, at one press that {@link undoPress} takes back. */
export function pressSettings(change: Press["change"], isReplacement: boolean): void {
  const { settings: before, presses } = store.getState();
  setWords({ ...before, ...change }, [...presses, { before, change, isReplacement }].slice(-PRESSES));
}

/** Takes the last press back. Returns false if there is none, or if the prompt was edited since: then that comes first. */
export function undoPress(): boolean {
  const { presses, settings } = store.getState();
  const last = presses.at(-1);
  if (last === undefined || last.change.prompt !== settings.prompt) return false;
  goBack(last);
  return true;
}

/** Brings the words back that a person wrote, however many presses have replaced them since. */
export function undoReplacements(): void {
  const first = firstReplacement(store.getState());
  if (first !== null) goBack(first);
}

/** The words that {@link undoReplacements} brings back; null if there are none. */
export function wordsBefore(state: AppState): string | null {
  const before = firstReplacement(state)?.before.prompt ?? "";
  return before.trim() === "" ? null : before;
}

/** The first of the presses that led to the present prompt, each of which replaced the words of the one before. */
function firstReplacement({ presses, settings }: AppState): Press | null {
  let first: Press | null = null;
  for (const press of presses.toReversed()) {
    const { prompt } = first?.before ?? settings;
    if (!press.isReplacement || press.change.prompt !== prompt) break;
    first = press;
  }
  return first;
}

/** Settings that no press changed stay as they are. */
function goBack(press: Press): void {
  const { presses, settings } = store.getState();
  const undone = presses.slice(presses.indexOf(press));
  const isKept = (name: string) => !undone.some(({ change }) => Object.hasOwn(change, name));
  const kept = Object.entries(settings).filter(([name]) => isKept(name));
  setWords({ ...press.before, ...Object.fromEntries(kept) }, presses.slice(0, presses.indexOf(press)));
}

function setWords(settings: Settings, presses: readonly Press[]): void {
  store.setState({ settings, presses, begunWord: null });
  void inspectPrompt();
}
