/** Counts how often a worker touches storage, and lets it fail or end at a chosen touch. */

import type { WorkerSettings } from "./wire";

/** Every way in which the library changes what would outlive the worker. */
const DEEDS: readonly (readonly [owner: string, deeds: readonly string[]])[] = [
  ["FileSystemSyncAccessHandle", ["write", "truncate", "flush", "close"]],
  ["FileSystemWritableFileStream", ["write", "truncate", "close"]],
  ["FileSystemDirectoryHandle", ["removeEntry"]],
  ["IDBObjectStore", ["put", "delete"]],
];

const touches: string[] = [];
let writes = 0;

/** What was done so far, by the names of the methods. */
export function storageTouches(): readonly string[] {
  return touches;
}

/** From now on every touch is counted. @param onHalt told just before the worker ends. */
export function watchStorage(settings: WorkerSettings, onHalt: (deed: string) => void): void {
  const { copies, freeBytes } = settings;
  if (copies) Reflect.deleteProperty(FileSystemFileHandle.prototype, "createSyncAccessHandle");
  if (freeBytes !== null) {
    StorageManager.prototype.estimate = async () => ({ usage: 1000, quota: 1000 + freeBytes });
  }
  for (const [owner, deeds] of DEEDS) {
    const { prototype } = Reflect.get(globalThis, owner) as { prototype: Record<string, unknown> };
    for (const deed of deeds) {
      const real = prototype[deed] as (...values: unknown[]) => unknown;
      prototype[deed] = function touched(this: unknown, ...values: unknown[]) {
        count(settings, deed, () => onHalt(`${owner}.${deed}`));
        return real.apply(this, values);
      };
    }
  }
}

/** Throws where the touch is not to happen. */
function count({ haltAt, fullAt }: WorkerSettings, deed: string, onHalt: () => void): void {
  touches.push(deed);
  if (touches.length === haltAt) {
    onHalt();
    self.close();
  }
  // What is left of the worker's last task touches nothing any more, not even to tidy up.
  if (haltAt > 0 && touches.length >= haltAt) throw new Error("killed");
  const isWrite = deed === "write" || deed === "put";
  if (isWrite && ++writes === fullAt) throw new DOMException("full", "QuotaExceededError");
}
