/** Bytes, speeds and the time that is left, in words; decimal units, as hubs and disks count. */

import type { TransferProgress } from "../../protocol/library";
import { leftText } from "../frame/statusText";

const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** "512 bytes", "14 MB", "1.7 GB": two figures at least, three at most. */
export function bytesText(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // Rounding may reach the next unit: 999.7 kB is 1.0 MB.
  while (unit < UNITS.length - 1 && value >= (unit === 0 ? 1000 : 999.5)) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** 0 ... 1; null while there is nothing to count. */
export function partOf({ doneBytes, totalBytes }: Pick<TransferProgress, "doneBytes" | "totalBytes">) {
  return totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : null;
}

const STAGES: Readonly<Record<TransferProgress["stage"], string>> = {
  check: "Checking what is here",
  fetch: "Fetching",
  copy: "Copying",
  verify: "Verifying",
};

/** "Fetching: 1.2 GB of 4.3 GB, 12 MB/s, about 4 min left", from what was counted and measured only. */
export function progressText(progress: TransferProgress | null): string {
  if (progress === null) return "Beginning";
  const { stage, doneBytes, totalBytes, bytesPerSecond } = progress;
  const amount = `${STAGES[stage]}: ${bytesText(doneBytes)} of ${bytesText(totalBytes)}`;
  if (bytesPerSecond === null || bytesPerSecond <= 0 || doneBytes >= totalBytes) return amount;
  const left = leftText(((totalBytes - doneBytes) / bytesPerSecond) * 1000);
  return `${amount}, ${bytesText(bytesPerSecond)}/s, ${left}`;
}
