/** The box (scripts/box.ts) as static files, and `virtual:bundled-model`, which tells where each file lies, its size and its SHA-256. */

import { createReadStream, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { extname } from "node:path";
import type { Plugin } from "vite";
import {
  type Box,
  type BoxedFile,
  type BoxedFiles,
  type BoxOptions,
  filesOf,
  fillBox,
  hashOf,
} from "./box.ts";

const VIRTUAL = "virtual:bundled-model";
const RESOLVED = `\0${VIRTUAL}`;

/** Boxes that were filled, by what they were filled from: page and worker are built from one and the same. */
const filled = new WeakMap<BoxOptions, Box>();

/**
 * Puts the model in the box, graphs, papers and the catalogue into the site, in development and in the build.
 *
 * @param options the same object for every plugin of one site.
 */
export function bundledModels(options: BoxOptions): Plugin {
  let serving = false;
  // Hashing tens of megabytes for every request would be felt; a box that could not be filled is tried again.
  const theBox = () => {
    let box = filled.get(options);
    if (box === undefined || box.missing !== null) {
      box = fillBox(options);
      filled.set(options, box);
    }
    return box;
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
      const box = theBox();
      if (box.missing !== null) {
        if (!serving) this.error(box.missing);
        this.warn(box.missing);
      }
      // In a build `import.meta.url` is a script in the assets folder, so that the site may lie in any subfolder.
      return moduleText(
        box,
        serving ? `self.location.origin + ${JSON.stringify(rooted(base))}` : siteRoot(assetsDir),
      );
    },
    generateBundle() {
      for (const file of filesOf(theBox())) {
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
        const file = filesOf(theBox()).find((candidate) => candidate.fileName === path);
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
function moduleText(box: Box, root: string): string {
  const list = (files: BoxedFiles) => `/* @__PURE__ */ place([\n${lines(files)}\n])`;
  return [
    `const place = (list) => {`,
    `  const root = ${root};`,
    `  const files = ([path, name, sizeBytes, sha256]) => [path, { url: root + name, sizeBytes, sha256 }];`,
    `  return Object.fromEntries(list.map(files));`,
    `};`,
    `export const files = ${list(box.files)};`,
    `export const papers = ${list(box.papers)};`,
    `export const families = ${JSON.stringify(box.families)};`,
    `export const graphs = ${list(box.graphs)};`,
    `export const publishedNames = ${JSON.stringify(box.publishedNames)};`,
    `export const published = ${list(box.published)};`,
    `export const catalogue = ${list(box.catalogue)};`,
  ].join("\n");
}

function lines(files: BoxedFiles): string {
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

function sendFile(file: BoxedFile, response: ServerResponse): void {
  response.setHeader("Content-Length", file.sizeBytes);
  response.setHeader("Content-Type", CONTENT_TYPES[extname(file.fileName)] ?? "application/octet-stream");
  response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
  createReadStream(file.source).pipe(response);
}
