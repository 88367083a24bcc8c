/** Even spacing. */

/** `count` evenly spaced numbers, both ends exact; `start` alone for a count of 1. */
export function linspace(start: number, end: number, count: number): number[] {
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => (i > 0 && i === count - 1 ? end : start + i * step));
}
