/** Which builds of the engine a site was asked for, and which are kept for a day without a network. */

import { expect, type Page } from "@playwright/test";

const BUILDS: Readonly<Record<string, string>> = { "": "plain", ".jspi": "jspi", ".asyncify": "asyncify" };

/** The builds whose WebAssembly is among these addresses, each once, in the order of the first. */
export function enginesIn(addresses: readonly string[]): readonly string[] {
  const found = addresses.map((address) => /ort-wasm-simd-threaded(.*?)-[\w-]{8}\.wasm$/.exec(address)?.[1]);
  return [...new Set(found.flatMap((infix) => (infix === undefined ? [] : [BUILDS[infix] ?? infix])))];
}

/** Until the engine's WebAssembly is kept: it is the last that is. @returns the builds that are. */
export async function expectEngineKept(page: Page): Promise<readonly string[]> {
  const kept = async () =>
    enginesIn(
      await page.evaluate(async () =>
        (await (await caches.open("afterimage-kept-1")).keys()).map(({ url }) => url),
      ),
    );
  await expect.poll(async () => (await kept()).length).toBeGreaterThan(0);
  await page.evaluate(() => navigator.serviceWorker.ready);
  return kept();
}
