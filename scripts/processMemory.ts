/** The memory of a browser's processes. Linux only: it is read from /proc. */

import { readdirSync, readFileSync } from "node:fs";

/** Megabytes of all processes below one, by kind: memory that they share is shared out among them. */
export function memoryBelow(pid: number): Record<string, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const stat = readOrNothing(`/proc/${name}/stat`);
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]));
  }
  const isBelow = (one: number): boolean => one === pid || (one > 1 && isBelow(parents.get(one) ?? 0));
  const found: Record<string, number> = {};
  for (const one of parents.keys()) {
    if (one === pid || !isBelow(one)) continue;
    const kind = /--type=([\w-]+)/.exec(readOrNothing(`/proc/${one}/cmdline`))?.[1] ?? "browser";
    const kB = Number(/^Pss:\s+(\d+)/m.exec(readOrNothing(`/proc/${one}/smaps_rollup`))?.[1] ?? 0);
    found[kind] = (found[kind] ?? 0) + kB / 1000;
  }
  return found;
}

/** Processes end while they are looked at. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
