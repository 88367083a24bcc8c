/** The cache name that the worker, which keeps files, shares with the service worker, which serves them. */

/** The cache of files kept after first use: the engine and the bundled model. Raise the number if their form changes. */
export const KEPT_CACHE = "afterimage-kept-1";
