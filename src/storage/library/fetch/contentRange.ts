/** The header that says which bytes a partial answer holds (RFC 9110, 14.4). */

/** Of `Content-Range`: null where the server wrote `*`. */
export interface ContentRange {
  /** First and last byte, counted from 0, both included. */
  readonly range: { readonly first: number; readonly last: number } | null;
  readonly totalBytes: number | null;
}

const PATTERN = /^bytes (?:(\d+)-(\d+)|\*)\/(?:(\d+)|\*)$/i;

/** The header's contents, or null if it is missing, malformed, or contradicts itself. */
export function parseContentRange(header: string | null): ContentRange | null {
  const match = PATTERN.exec(header?.trim() ?? "");
  if (match === null) return null;
  const [first, last, totalBytes] = [match[1], match[2], match[3]].map((digits) =>
    digits === undefined ? null : Number(digits),
  );
  if ([first, last, totalBytes].some((number) => number != null && !Number.isSafeInteger(number)))
    return null;
  if (first == null || last == null) return { range: null, totalBytes: totalBytes ?? null };
  if (first > last || (totalBytes != null && last >= totalBytes)) return null;
  return { range: { first, last }, totalBytes: totalBytes ?? null };
}
