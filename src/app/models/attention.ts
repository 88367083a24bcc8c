/** Where the keyboard goes on after a press that took its own button away: to the title of what the press was about. */

/** The list of what is on this device. */
export const HERE_TITLE_ID = "here-title";

/** The title of an entry in that list. */
export function entryTitleId(key: string): string {
  return `entry-${encodeURIComponent(key)}`;
}

/** Puts the focus on a title, and so into view, as soon as it has been drawn. */
export function attend(id: string): void {
  setTimeout(() => document.getElementById(id)?.focus());
}
