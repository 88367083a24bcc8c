/** The benchmark asked of a built site's own worker, past its page: what it asks for is not all that a person can choose. */

import { readdirSync } from "node:fs";
import type { Page } from "@playwright/test";
import type { BenchProgress } from "../src/protocol/bench";
import type { Calls, ToPage } from "../src/protocol/calls";

type Asked = Omit<Calls["bench"]["params"], "source">;

/**
 * Measures the bundled model of a site.
 *
 * @param page any of the site, best one without a worker of its own.
 * @param folder of the build.
 * @returns the report, unread.
 */
export async function benchIn(
  page: Page,
  folder: string,
  asked: Asked,
  tell: (progress: BenchProgress) => void = () => undefined,
): Promise<unknown> {
  const script = readdirSync(`${folder}/assets`).find((name) => /^main-.*\.js$/.test(name));
  if (script === undefined) throw new Error(`${folder} has no worker: build the site again.`);
  await page.exposeFunction("tellOfBench", tell);
  // No function in here may have a name: tsx would mark it with a helper that the page does not have.
  return page.evaluate(
    ({ url, params }) =>
      new Promise<unknown>((resolve, reject) => {
        const worker = new Worker(url, { type: "module" });
        worker.onerror = ({ message }) => {
          worker.terminate();
          reject(new Error(message));
        };
        worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
          if (data.type === "progress") {
            worker.postMessage({ type: "seen", id: data.id });
            void (globalThis as unknown as { tellOfBench(progress: unknown): void }).tellOfBench(
              data.progress,
            );
            return;
          }
          worker.terminate();
          if (data.type === "result") resolve(data.result);
          else reject(new Error(JSON.stringify(data)));
        };
        worker.postMessage({ type: "call", id: 0, name: "bench", params });
      }),
    { url: `/assets/${script}`, params: { ...asked, source: { kind: "bundled" } } },
  );
}
