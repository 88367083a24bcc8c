/** Every run of every network of an open model, overheard. */

import type { LoadedNetworks } from "../runtime/networks/diffusersNetworks";
import type { Session } from "../runtime/ort/session";
import type { Feeds } from "../runtime/ort/tensors";

/** A run that is about to be made. */
export interface Call {
  /** "unet" and the like. */
  readonly network: string;
  readonly session: Session;
  readonly feeds: Feeds;
}

/** Told of each run, and makes it. */
export type Listener = <T>(call: Call, run: () => Promise<T>) => Promise<T>;

/** Does some work with a listener at the networks. */
export async function listening<T>(
  { sessions }: LoadedNetworks,
  listener: Listener,
  work: () => Promise<T>,
): Promise<T> {
  sessions.tap((network, session) => ({
    ...session,
    run: (feeds) => listener({ network, session, feeds }, () => session.run(feeds)),
    runFor: (feeds, outputs) => listener({ network, session, feeds }, () => session.runFor(feeds, outputs)),
    runInto: (feeds, fetches) => listener({ network, session, feeds }, () => session.runInto(feeds, fetches)),
  }));
  try {
    return await work();
  } finally {
    sessions.tap(null);
  }
}
