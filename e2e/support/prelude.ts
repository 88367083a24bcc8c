/** Script that runs first in every worker of a site, those that are started later too. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Site } from "../../scripts/site";
import { SMALL_SITE_FOLDER } from "../../scripts/testSites";

/** @param script classic statements; what they put on `self` is there before the worker's own first line. */
export function runFirstInWorkers(site: Site, script: string): void {
  const [name] = readdirSync(join(SMALL_SITE_FOLDER, "assets")).filter((file) => /^main-.*\.js$/.test(file));
  site.changed.set(`assets/${name}`, (body) => Buffer.from(`${script};${body.toString()}`));
}

/** An older browser's WebAssembly cannot suspend itself. */
export const OLDER_BROWSER = 'Reflect.deleteProperty(WebAssembly, "Suspending")';
