/** One reload, at most, for hosts that send no headers of isolation: after it the service worker has added them. */

const ASKED = "afterimage.isolation-reload";

/** The browser's parts that this needs, named so that it can be tried without one. */
export interface IsolationSurroundings {
  readonly isIsolated: boolean;
  /** The container of service workers; undefined where there is none (no secure context, private windows). */
  readonly serviceWorker: Pick<ServiceWorkerContainer, "controller" | "addEventListener"> | undefined;
  /** Remembers for as long as the tab lives. May throw where storage is blocked. */
  readonly memory: () => Pick<Storage, "getItem" | "setItem">;
  reload(): void;
}

/**
 * Reloads once when a service worker has taken the page over and the page is not isolated, so that the CPU may be
 * used by several threads. Never a second time in a tab; never when it could not be remembered.
 *
 * @param isIdle asked at that moment: a page that is making a picture stays as it is, on one thread.
 */
export function reloadOnceForIsolation(isIdle: () => boolean, around: IsolationSurroundings): void {
  const { isIsolated, serviceWorker, memory } = around;
  if (isIsolated || serviceWorker === undefined) return;
  const reloadOnce = () => {
    if (isIdle() && isFirstTime(memory)) around.reload();
  };
  if (serviceWorker.controller) reloadOnce();
  else serviceWorker.addEventListener("controllerchange", reloadOnce, { once: true });
}

function isFirstTime(memory: IsolationSurroundings["memory"]): boolean {
  try {
    const store = memory();
    if (store.getItem(ASKED) !== null) return false;
    store.setItem(ASKED, "once");
    return true;
  } catch {
    // Without memory a reload could loop, so there is none.
    return false;
  }
}

/** This browser, as {@link reloadOnceForIsolation} sees it. */
export function browserSurroundings(): IsolationSurroundings {
  return {
    isIsolated: crossOriginIsolated,
    serviceWorker: "serviceWorker" in navigator ? navigator.serviceWorker : undefined,
    memory: () => sessionStorage,
    reload: () => location.reload(),
  };
}
