/** The benchmark asked of the site's own worker, past the page: what it asks for is not all that a person can choose. */

import type { Page } from "@playwright/test";
import type { Calls, ToPage } from "../src/protocol/calls";

type Asked = Omit<Calls["bench"]["params"], "source">;

/** Measures the model in the box of the site that a page shows. @returns the report, unread. */
export async function benchIn(page: Page, asked: Asked): Promise<unknown> {
  const script = page.workers().find((worker) => /\/assets\/main-[^/]*$/.test(worker.url()));
  if (script === undefined) throw new Error("The page has no engine, whose script measures.");
  return page.evaluate(
    ({ url, params }) =>
      new Promise<unknown>((resolve, reject) => {
        const worker = new Worker(url, { type: "module" });
        const end = () => worker.terminate();
        worker.onerror = ({ message }) => {
          end();
          reject(new Error(message));
        };
        worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
          if (data.type === "progress") {
            worker.postMessage({ type: "seen", id: data.id });
            return;
          }
          end();
          if (data.type === "result") resolve(data.result);
          else reject(new Error(JSON.stringify(data)));
        };
        worker.postMessage({ type: "call", id: 0, name: "bench", params });
      }),
    { url: script.url(), params: { ...asked, source: { kind: "bundled" } } },
  );
}
