/** The one name that the worker, which keeps files, and the service worker, which serves them, must agree on. */

/** The cache of files kept after first use: the engine and the model in the box. Raise the number if their form changes. */
export const KEPT_CACHE = "afterimage-kept-1";
