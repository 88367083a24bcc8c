/** The messages of page and worker, overheard at the worker, where the order is the one that counts. */

import type { Worker } from "@playwright/test";

/** One message. */
export interface Said {
  readonly type: string;
  /** Of progress in a picture: steps finished; else -1. */
  readonly step: number;
  /** Of a failure: its code; else "". */
  readonly code: string;
}

/** Listens from now on; the returned function tells what was said so far. */
export async function overhear(worker: Worker): Promise<() => Promise<readonly Said[]>> {
  await worker.evaluate(() => {
    const said: unknown[] = [];
    const note = ({
      type,
      progress,
      code = "",
    }: {
      type: string;
      progress?: { step?: number };
      code?: string;
    }) => {
      said.push({ type, step: progress?.step ?? -1, code });
    };
    self.addEventListener("message", ({ data }) => note(data));
    const post = self.postMessage.bind(self);
    self.postMessage = (message: { type: string }, ...rest: unknown[]) => {
      note(message);
      post(message, ...(rest as [WindowPostMessageOptions]));
    };
    Object.assign(self, { said });
  });
  return () => worker.evaluate(() => (self as unknown as { said: Said[] }).said);
}

/** Steps that the worker finished after it was told to stop and before it said that it had. */
export function stepsAfterCancel(said: readonly Said[]): number {
  const stopped = said.findIndex(({ code }) => code === "cancelled");
  // A cancel that came when its picture was already done has no answer.
  const asked = said.slice(0, Math.max(stopped, 0)).findLastIndex(({ type }) => type === "cancel");
  if (asked < 0) throw new Error(`No picture was stopped: ${JSON.stringify(said.slice(-5))}`);
  const stepAt = (end: number) => said.slice(0, end).findLast(({ step }) => step >= 0)?.step ?? 0;
  return stepAt(stopped) - stepAt(asked);
}
