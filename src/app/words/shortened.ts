/** The beginning of a text for a line that has little room. */

const LONGEST = 80;

/** A text in one line, at most 80 characters of it, cut between words; a word that is longer than that is cut itself. */
export function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  if (line.length <= LONGEST) return line;
  const start = line.slice(0, LONGEST);
  const end = start.lastIndexOf(" ");
  return `${(end > 0 ? start.slice(0, end) : start.slice(0, -1)).replace(/[\s,.;:]+$/, "")}…`;
}
