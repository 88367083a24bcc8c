/// <reference types="vite-plugin-pwa/vanillajs" />
/** New versions of the page: announced when they wait, taken only when the person says so. */

import { registerSW } from "virtual:pwa-register";
import { addNotice, dismissNotice } from "../frame/notices";
import { isBusy, store } from "../store";
import { watchOffline } from "./offlineReady";

let takeUpdate: (() => Promise<void>) | null = null;

/** Registers the service worker and turns its news into notices. */
export function watchUpdates(): void {
  takeUpdate = registerSW({
    onNeedRefresh: () => addNotice("update-ready"),
    onOfflineReady: watchOffline,
  });
}

/** Reloads into the waiting version; never while a picture is in the making. */
export async function applyUpdate(): Promise<void> {
  if (isBusy(store.getState())) return;
  dismissNotice("update-ready");
  await takeUpdate?.();
}
