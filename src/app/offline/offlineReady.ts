/** The news that a visit without a network will work: said when page, engine and model are kept, and not before. */

import { addNotice } from "../frame/notices";
import { store } from "../store";
import { workerClient } from "../workers";

/** Call it once the page itself is kept. Engine and model are asked about whenever a model is ready, until both are. */
export function watchOffline(): void {
  const stop = store.subscribe(({ model }, before) => {
    if (model.status === "ready" && model !== before.model) void ask();
  });
  const ask = async () => {
    // What cannot be asked is not promised; the next model that is ready is asked about again.
    const answer = await workerClient("drawing")
      .call("isKeptOffline", {})
      .catch(() => null);
    if (answer?.isKept !== true) return;
    stop();
    addNotice("offline-ready");
  };
  if (store.getState().model.status === "ready") void ask();
}
