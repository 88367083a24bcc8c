/** What page and worker said to each other, overheard on the page. */

import type { Page } from "@playwright/test";

/** One message. */
export interface Said {
  readonly way: "to worker" | "to page";
  readonly type: string;
  /** Of a call: its name; else "". */
  readonly name: string;
  /** Of progress in a picture: steps finished; else -1. */
  readonly step: number;
  readonly hasPreview: boolean;
  /** Of a failure: its code; else "". */
  readonly code: string;
}

/** Listens from the next page on; the returned function tells what was said so far. */
export async function overhear(page: Page): Promise<() => Promise<readonly Said[]>> {
  await page.addInitScript(() => {
    const said: unknown[] = [];
    const note = (way: string, { type, name = "", progress, code = "" }: Record<string, unknown>) => {
      const { step = -1, preview = null } = (progress ?? {}) as { step?: number; preview?: unknown };
      said.push({ way, type, name, step, hasPreview: preview !== null, code });
    };
    const Quiet = globalThis.Worker;
    globalThis.Worker = class extends Quiet {
      constructor(...args: ConstructorParameters<typeof Quiet>) {
        super(...args);
        this.addEventListener("message", ({ data }) => note("to page", data));
      }
      override postMessage(message: Record<string, unknown>, ...rest: unknown[]): void {
        note("to worker", message);
        super.postMessage(message, ...(rest as [Transferable[]]));
      }
    };
    Object.assign(globalThis, { said });
  });
  return () => page.evaluate(() => (globalThis as unknown as { said: Said[] }).said);
}

/** Steps that the engine finished after it was told to stop and before it said that it had. */
export function stepsAfterCancel(said: readonly Said[]): number {
  const asked = said.findIndex(({ type }) => type === "cancel");
  const stopped = said.findIndex(({ code }, i) => i > asked && code === "cancelled");
  if (asked < 0 || stopped < 0) throw new Error(`No picture was stopped: ${JSON.stringify(said.slice(-5))}`);
  const steps = (part: readonly Said[]) => Math.max(0, ...part.map(({ step }) => step));
  return steps(said.slice(0, stopped)) - steps(said.slice(0, asked));
}
