/** The page's workers by name. They run the same script, and none of them waits for another. */

import type { WorkerClient } from "../client/workerClient";
import { Failure } from "../core/failure";

/** As much of a worker client as the page uses. */
export type PageClient = Pick<WorkerClient, "call" | "restart" | "onDeath">;

/** "drawing" holds the model that draws; "library" fetches and checks models; "bench" measures, and is ended when it has measured. */
export type WorkerName = "drawing" | "library" | "bench";

const connected = new Map<WorkerName, PageClient>();

/**
 * Sets the client behind a name.
 * A worker of the library or of the benchmark holds nothing that is not on the disk. So its death fails what was under way, and the
 * next call starts a new one. For the drawing worker, `drawing/loading.ts` decides.
 */
export function connectWorker(name: WorkerName, client: PageClient): void {
  connected.set(name, client);
  if (name !== "drawing") client.onDeath(() => client.restart());
}

/** The client of that name. @throws {Failure} "internal" before `connectWorker`. */
export function workerClient(name: WorkerName): PageClient {
  const client = connected.get(name);
  if (client === undefined) throw new Failure("internal", `The page has no worker for "${name}".`);
  return client;
}
