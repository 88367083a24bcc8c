/** Quiet messages that wait until the person has seen them. */

import { type Notice, store } from "../store";

/** Each notice as a sentence. */
export const NOTICE_TEXTS: Readonly<Record<Notice, string>> = {
  "update-ready": "A new version is ready.",
  "offline-ready": "Ready to work offline.",
  "settings-reset": "Some saved settings could not be read and were reset.",
  "model-gone": "The model used last could not be opened, so the one in the box draws.",
  "model-unfinished": "Last time, its model never finished opening, so now the one in the box draws.",
  "model-deleted": "The model that was in use is deleted, so the one in the box draws.",
  "model-refused": "That model could not be opened, so the one before draws on. Models says why.",
  "settings-unsaved": "This browser does not keep settings, so they last until the page closes.",
};

/** Shows a notice; one that is already shown is not shown twice. */
export function addNotice(notice: Notice): void {
  const { notices } = store.getState();
  if (!notices.includes(notice)) store.setState({ notices: [...notices, notice] });
}

/** Takes a notice away. */
export function dismissNotice(notice: Notice): void {
  store.setState({ notices: store.getState().notices.filter((other) => other !== notice) });
}
