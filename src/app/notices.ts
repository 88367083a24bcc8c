/** Quiet messages that wait until the person has seen them. */

import { type Notice, store } from "./store";

/** Shows a notice; one that is already shown is not shown twice. */
export function addNotice(notice: Notice): void {
  const { notices } = store.getState();
  if (!notices.includes(notice)) store.setState({ notices: [...notices, notice] });
}

/** Takes a notice away. */
export function dismissNotice(notice: Notice): void {
  store.setState({ notices: store.getState().notices.filter((other) => other !== notice) });
}
