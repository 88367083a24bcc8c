/** Builds the site, unless the one that is there is newer than all that it is made of. False if it could not be built. */
export function ensureSite(options?: { folder?: string; env?: Record<string, string> }): boolean;
