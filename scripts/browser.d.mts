/** Arguments that keep a browser quiet; the sandbox refuses to start for root. */
export const BROWSER_ARGS: readonly string[];

/** Path of a Chromium, Chrome or Edge that starts, `CHROME_PATH` before all others; null if there is none. */
export function findBrowser(): string | null;
