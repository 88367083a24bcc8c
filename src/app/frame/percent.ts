/** A part of a whole, 0 ... 1, in whole percent. */
export function percent(part: number): number {
  return Math.round(100 * part);
}
