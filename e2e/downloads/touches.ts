/** Counts how often a worker touches storage, and lets it fail or end at a chosen touch. */

import type { WorkerSettings } from "./wire";

/** Every way in which the library changes what would outlive the worker. */
const OPERATIONS: readonly (readonly [owner: string, operations: readonly string[]])[] = [
  ["FileSystemSyncAccessHandle", ["write", "truncate", "flush", "close"]],
  ["FileSystemWritableFileStream", ["write", "truncate", "close"]],
  ["FileSystemDirectoryHandle", ["removeEntry"]],
  ["IDBObjectStore", ["put", "delete"]],
];

const touches: string[] = [];
let writes = 0;

/** The calls so far, by the names of the methods. */
export function storageTouches(): readonly string[] {
  return touches;
}

/** From now on every touch is counted. @param onHalt told just before the worker ends. */
export function watchStorage(settings: WorkerSettings, onHalt: (operation: string) => void): void {
  const { copies, freeBytes } = settings;
  if (copies) Reflect.deleteProperty(FileSystemFileHandle.prototype, "createSyncAccessHandle");
  if (freeBytes !== null) {
    StorageManager.prototype.estimate = async () => ({ usage: 1000, quota: 1000 + freeBytes });
  }
  for (const [owner, operations] of OPERATIONS) {
    const { prototype } = Reflect.get(globalThis, owner) as { prototype: Record<string, unknown> };
    for (const operation of operations) {
      const real = prototype[operation] as (...values: unknown[]) => unknown;
      prototype[operation] = function touched(this: unknown, ...values: unknown[]) {
        count(settings, operation, () => onHalt(`${owner}.${operation}`));
        return real.apply(this, values);
      };
    }
  }
}

/** Throws where the touch is not to happen. */
function count({ haltAt, fullAt }: WorkerSettings, operation: string, onHalt: () => void): void {
  touches.push(operation);
  if (touches.length === haltAt) {
    onHalt();
    self.close();
  }
  // The rest of the worker's last task touches nothing any more, not even to tidy up.
  if (haltAt > 0 && touches.length >= haltAt) throw new Error("killed");
  const isWrite = operation === "write" || operation === "put";
  if (isWrite && ++writes === fullAt) throw new DOMException("full", "QuotaExceededError");
}
