/** The bundle (scripts/bundle.ts) as static files, and `virtual:bundled-model`, which tells where each file lies, its size and its SHA-256. */

import { createReadStream, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { extname } from "node:path";
import type { Plugin } from "vite";
import {
  type Bundle,
  type BundledFile,
  type BundledFiles,
  type BundleOptions,
  filesOf,
  fillBundle,
  hashOf,
} from "./bundle.ts";

const VIRTUAL = "virtual:bundled-model";
const RESOLVED = `\0${VIRTUAL}`;

/** Boxes that were filled, by what they were filled from: page and worker are built from one and the same. */
const filled = new WeakMap<BundleOptions, Bundle>();

/**
 * Puts the bundled model, graphs, configs and the catalogue into the site, in development and in the build.
 *
 * @param options the same object for every plugin of one site.
 */
export function bundledModels(options: BundleOptions): Plugin {
  let serving = false;
  // Hashing tens of megabytes for every request would be felt; a bundle that could not be filled is tried again.
  const theBundle = () => {
    let bundle = filled.get(options);
    if (bundle === undefined || bundle.missing !== null) {
      bundle = fillBundle(options);
      filled.set(options, bundle);
    }
    return bundle;
  };
  let assetsDir = "assets";
  let base = "/";
  return {
    name: "afterimage-bundled-models",
    configResolved(config) {
      serving = config.command === "serve";
      assetsDir = config.build.assetsDir;
      base = config.base;
    },
    resolveId: (id) => (id === VIRTUAL ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) return undefined;
      const bundle = theBundle();
      if (bundle.missing !== null) {
        if (!serving) this.error(bundle.missing);
        this.warn(bundle.missing);
      }
      // In a build `import.meta.url` is a script in the assets folder, so that the site may lie in any subfolder.
      return moduleText(
        bundle,
        serving ? `self.location.origin + ${JSON.stringify(rooted(base))}` : siteRoot(assetsDir),
      );
    },
    generateBundle() {
      for (const file of filesOf(theBundle())) {
        const source = readFileSync(file.source);
        if (hashOf(source) !== file.sha256)
          this.error(`${file.source} changed while the site was built; build it again.`);
        this.emitFile({ type: "asset", fileName: file.fileName, source });
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = decodeURI((request.url ?? "").split("?")[0] ?? "").slice(rooted(base).length);
        if (!path.startsWith("models/")) return next();
        const file = filesOf(theBundle()).find((candidate) => candidate.fileName === path);
        if (file === undefined) return next();
        sendFile(file, response);
      });
    },
  };
}

function rooted(base: string): string {
  return base.startsWith("/") ? base : "/";
}

function siteRoot(assetsDir: string): string {
  const up = "../".repeat(assetsDir.split("/").filter(Boolean).length);
  return `new URL(${JSON.stringify(up)}, String(import.meta.url)).href`;
}

/** Calls marked pure, so that a script which uses one part does not carry the lists of the others. */
function moduleText(bundle: Bundle, root: string): string {
  const list = (files: BundledFiles) => `/* @__PURE__ */ place([\n${lines(files)}\n])`;
  return [
    `const place = (list) => {`,
    `  const root = ${root};`,
    `  const files = ([path, name, sizeBytes, sha256]) => [path, { url: root + name, sizeBytes, sha256 }];`,
    `  return Object.fromEntries(list.map(files));`,
    `};`,
    `export const files = ${list(bundle.files)};`,
    `export const documents = ${list(bundle.documents)};`,
    `export const families = ${JSON.stringify(bundle.families)};`,
    `export const graphs = ${list(bundle.graphs)};`,
    `export const publishedNames = ${JSON.stringify(bundle.publishedNames)};`,
    `export const published = ${list(bundle.published)};`,
    `export const catalogue = ${list(bundle.catalogue)};`,
  ].join("\n");
}

function lines(files: BundledFiles): string {
  return Object.entries(files)
    .map(
      ([path, { fileName, sizeBytes, sha256 }]) =>
        `  ${JSON.stringify([path, fileName, sizeBytes, sha256])},`,
    )
    .join("\n");
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".png": "image/png",
  ".md": "text/markdown; charset=utf-8",
};

function sendFile(file: BundledFile, response: ServerResponse): void {
  response.setHeader("Content-Length", file.sizeBytes);
  response.setHeader("Content-Type", CONTENT_TYPES[extname(file.fileName)] ?? "application/octet-stream");
  response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
  createReadStream(file.source).pipe(response);
}
