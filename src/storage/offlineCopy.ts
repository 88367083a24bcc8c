/**
 * Copies for a day without a network. The worker that used a file keeps it, since the service worker sees nothing of a
 * first visit; the service worker serves the copies (src/serviceWorker) and throws out what a new version no longer has.
 */

import { KEPT_CACHE } from "../protocol/offline";

/** Keeps verified bytes under their address; false where there is no cache, or the quota is used up: the app goes on without a copy. */
export function keepFile(url: string, bytes: Blob): Promise<boolean> {
  return withCache(async (cache) => {
    if ((await cache.match(url)) !== undefined) return;
    const headers = { "Content-Type": "application/octet-stream", "Content-Length": String(bytes.size) };
    await cache.put(url, new Response(bytes, { headers }));
  });
}

/**
 * Keeps the scripts and WebAssembly that this worker has fetched from the site so far; call it once the engine runs.
 * False as for {@link keepFile}, and if the browser does not say what was fetched.
 */
export async function keepEngine(): Promise<boolean> {
  const fetched = performance.getEntriesByType("resource").map((entry) => entry.name);
  const engine = new Set(fetched.filter((url) => isEngine(url)));
  if (engine.size === 0) return false;
  return withCache(async (cache) => {
    for (const url of engine) {
      if ((await cache.match(url)) === undefined) await cache.add(url);
    }
  });
}

function isEngine(url: string): boolean {
  const { origin, pathname } = new URL(url);
  return origin === self.location.origin && /\/assets\/(.*\.wasm|ort[.-].*)$/.test(pathname);
}

async function withCache(use: (cache: Cache) => Promise<void>): Promise<boolean> {
  if (typeof caches === "undefined") return false;
  return caches
    .open(KEPT_CACHE)
    .then(use)
    .then(
      () => true,
      // A full disk or a forbidden store costs the offline copy and nothing else.
      () => false,
    );
}
