/**
 * The app without a network: the shell is fetched at install, engine and model are served from the copies that their
 * users kept (src/storage/offlineCopy.ts), and every answer carries the headers of isolation. A new version waits until
 * the page, at a person's word, asks for it.
 */

import { cleanupOutdatedCaches, matchPrecache, precache } from "workbox-precaching";
import { KEPT_CACHE } from "../protocol/offline";
import { isolated } from "./isolated";
import { type BuildEntry, planCaches } from "./plan";

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: BuildEntry[] };

const scope = self.registration.scope;
const { shell, keepable } = planCaches(self.__WB_MANIFEST, scope);
/** Pages by the addresses that hosts know them under. */
const pages = new Map([
  [scope, "index.html"],
  [`${scope}index.html`, "index.html"],
  [`${scope}bench`, "bench.html"],
]);

precache([...shell]);
cleanupOutdatedCaches();

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([dropWhatIsGone(), self.clients.claim()]));
});

self.addEventListener("message", ({ data }) => {
  if (data?.type === "SKIP_WAITING") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope)) return;
  event.respondWith(answer(request).then(isolated));
});

async function answer(request: Request): Promise<Response> {
  const { origin, pathname } = new URL(request.url);
  const url = origin + pathname;
  const kept = await (keepable.has(url) ? matchKept(request, url) : matchShell(url));
  if (kept !== undefined) return kept;
  if (request.mode !== "navigate") return fetch(request);
  return fetch(request).catch(async (offline: unknown) => {
    const page = await matchPrecache("index.html");
    if (page === undefined) throw offline;
    return page;
  });
}

function matchShell(url: string): Promise<Response | undefined> {
  return matchPrecache(pages.get(url) ?? url);
}

/** The kept copy of a file. A "reload" request goes past every cache, since the copy turned out wrong: so the copy is deleted. */
async function matchKept(request: Request, url: string): Promise<Response | undefined> {
  const cache = await caches.open(KEPT_CACHE);
  if (request.cache !== "reload") return cache.match(url);
  await cache.delete(url);
  return undefined;
}

/** Deletes the files of other versions under this scope. Files elsewhere on the origin belong to others. */
async function dropWhatIsGone(): Promise<void> {
  const cache = await caches.open(KEPT_CACHE);
  const gone = (await cache.keys()).filter(({ url }) => url.startsWith(scope) && !keepable.has(url));
  await Promise.all(gone.map((request) => cache.delete(request)));
}
