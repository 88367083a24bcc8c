/** How often, and after how long, a host is asked again. */

/** The failures that a host may have before it is given up. */
export interface RetryPolicy {
  /** Requests in a row that may fail without one new byte. */
  readonly triesMax: number;
  /** Before the second request; doubled before each further one. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** A host may ask for a longer wait than ours (`Retry-After`), but not for a longer one than this. */
  readonly longestAskedMs: number;
}

export const RETRY: RetryPolicy = {
  triesMax: 6,
  firstWaitMs: 1000,
  longestWaitMs: 30_000,
  longestAskedMs: 120_000,
};

/**
 * Milliseconds to wait before the next request, or null to give up.
 *
 * @param failures how many requests have failed since the last new byte, at least 1.
 * @param askedMs what the host asked for; null if it did not.
 */
export function waitBeforeRetry(
  failures: number,
  askedMs: number | null,
  policy: RetryPolicy,
): number | null {
  if (failures >= policy.triesMax) return null;
  if (askedMs !== null && askedMs > policy.longestAskedMs) return null;
  const own = Math.min(policy.firstWaitMs * 2 ** (failures - 1), policy.longestWaitMs);
  return Math.max(own, askedMs ?? 0);
}

/**
 * Milliseconds until the time that a `Retry-After` header names (RFC 9110, 10.2.3: seconds or a date), never negative; null
 * without a header that can be read.
 *
 * @param nowMs since 1970, UTC.
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Dates begin with the name of a day; `Date.parse` alone takes "-5" for a year.
  const date = /^[a-z]{3,9},? /i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
