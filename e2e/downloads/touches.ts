/** Counts how often a worker touches storage, and lets it fail or stand still at a chosen touch. */

import type { WorkerSettings } from "./wire";

/** Every way in which the library changes what would outlive the worker. */
const DEEDS: readonly (readonly [owner: string, deeds: readonly string[]])[] = [
  ["FileSystemSyncAccessHandle", ["write", "truncate", "flush", "close"]],
  ["FileSystemWritableFileStream", ["write", "truncate", "close"]],
  ["FileSystemDirectoryHandle", ["removeEntry"]],
  ["IDBObjectStore", ["put", "delete"]],
];

let touches = 0;
let writes = 0;

/** Touches so far. */
export function storageTouches(): number {
  return touches;
}

/** From now on every touch is counted. @param onHalt told just before the worker stands still. */
export function watchStorage(settings: WorkerSettings, onHalt: (deed: string) => void): void {
  if (settings.copies) {
    Reflect.deleteProperty(FileSystemFileHandle.prototype, "createSyncAccessHandle");
  }
  for (const [owner, deeds] of DEEDS) {
    const { prototype } = Reflect.get(globalThis, owner) as { prototype: Record<string, unknown> };
    for (const deed of deeds) {
      const real = prototype[deed] as (...values: unknown[]) => unknown;
      prototype[deed] = function touched(this: unknown, ...values: unknown[]) {
        if (++touches === settings.haltAt) standStill(() => onHalt(`${owner}.${deed}`));
        if (deed === "write" && ++writes === settings.fullAt) {
          throw new DOMException("full", "QuotaExceededError");
        }
        return real.apply(this, values);
      };
    }
  }
}

/** What is posted before has left the worker: only its own thread stands still. */
function standStill(tell: () => void): void {
  tell();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
