/** Whether the quota suffices for a model, asked before its first byte is fetched. */

import { Failure } from "../../../core/failure";

/** Databases, caches and a browser's own rounding need some bytes beside the files. */
const SPARE_FACTOR = 1.05;
const SPARE_BYTES = 64 * 1024 * 1024;

/**
 * Chromium tells every site that it may have 10 GiB more than it uses, however much it really lets it have
 * (https://groups.google.com/a/chromium.org/g/blink-dev, "Predictable reported storage quota"): that is no answer.
 */
const UNTOLD_BYTES = 10 * 1024 ** 3;

/** The bytes that must be free for so many bytes still to come; nothing if none are. */
export function bytesNeeded(remainingBytes: number): number {
  return remainingBytes === 0 ? 0 : Math.ceil(remainingBytes * SPARE_FACTOR) + SPARE_BYTES;
}

/** Bytes that the browser lets the site have in all, null if it does not say or says what it says to everyone. */
export function quotaOf({ quota, usage = 0 }: StorageEstimate): number | null {
  return quota === undefined || quota - usage === UNTOLD_BYTES ? null : quota;
}

/**
 * @param estimate of `navigator.storage`; a browser that does not say is believed to have enough.
 * @throws {Failure} "storage-full" with the numbers.
 */
export function checkQuota(name: string, remainingBytes: number, estimate: StorageEstimate): void {
  const quotaBytes = quotaOf(estimate);
  if (quotaBytes === null) return;
  const freeBytes = Math.max(0, quotaBytes - (estimate.usage ?? 0));
  const neededBytes = bytesNeeded(remainingBytes);
  if (neededBytes <= freeBytes) return;
  throw new Failure(
    "storage-full",
    `${name} needs ${inWords(neededBytes)} of free storage, and the browser grants this site ${inWords(freeBytes)}. Delete a model that you no longer need, or free space on this disk; what is already here stays.`,
  );
}

/** Decimal, as disks are sold: "1.7 GB", "340 MB", "12 kB", "7 bytes". */
export function inWords(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  if (bytes >= 1e3) return `${Math.round(bytes / 1e3)} kB`;
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}
