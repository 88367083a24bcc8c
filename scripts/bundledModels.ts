/**
 * The model in the box as static files: a folder named by the hash of what is in it, for the model, for its graphs and for
 * its papers (what its makers say of it), and `virtual:bundled-model`, which tells where each file lies, its size and its SHA-256.
 */

import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { basename, extname, join, relative, sep } from "node:path";
import type { Plugin } from "vite";

const VIRTUAL = "virtual:bundled-model";
const RESOLVED = `\0${VIRTUAL}`;

/** Where the box is filled from; both are folders on disk. */
export interface BundledModelsOptions {
  /** A diffusers folder. */
  readonly model: string;
  /** A folder of graphs for one family: `family.json` and `<network>.<dtype>.onnx`. */
  readonly graphs: string;
}

interface BundledFile {
  /** Where it lies on disk. */
  readonly source: string;
  /** Where it goes in the site. */
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Every file of the box by the path that the runtime asks for. */
interface Box {
  readonly files: Readonly<Record<string, BundledFile>>;
  readonly graphs: Readonly<Record<string, BundledFile>>;
  /** For people to read; no picture needs them. */
  readonly papers: Readonly<Record<string, BundledFile>>;
  readonly families: readonly string[];
  /** A sentence if the box cannot be filled, else null. */
  readonly missing: string | null;
}

/** Puts a model and its graphs into the site, in development and in the build. */
export function bundledModels(options: BundledModelsOptions): Plugin {
  let serving = false;
  // Hashing tens of megabytes for every request would be felt; a box that could not be filled is tried again.
  let filled: Box | null = null;
  const theBox = () => {
    if (filled === null || filled.missing !== null) filled = fillBox(options);
    return filled;
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
      const box = theBox();
      for (const file of allFiles(box)) {
        this.emitFile({ type: "asset", fileName: file.fileName, source: readFileSync(file.source) });
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = decodeURI((request.url ?? "").split("?")[0] ?? "").slice(rooted(base).length);
        if (!path.startsWith("models/")) return next();
        const box = theBox();
        const file = allFiles(box).find((candidate) => candidate.fileName === path);
        if (file === undefined) return next();
        sendFile(file, response);
      });
    },
  };
}

function fillBox({ model, graphs }: BundledModelsOptions): Box {
  const missing = whatIsMissing(model, graphs);
  if (missing !== null) return { files: {}, graphs: {}, papers: {}, families: [], missing };
  const family = basename(graphs);
  return {
    files: hashedFolder(model, isContent, (hash) => `models/${basename(model)}-${hash}`, ""),
    graphs: hashedFolder(graphs, isContent, (hash) => `models/graphs-${hash}/${family}`, `${family}/`),
    papers: hashedFolder(model, isPaper, (hash) => `models/${basename(model)}-papers-${hash}`, ""),
    families: [family],
    missing: null,
  };
}

function whatIsMissing(model: string, graphs: string): string | null {
  if (!existsSync(join(model, "model_index.json"))) {
    return `The box has no model: ${model}/model_index.json is not there; train it as models/README.md says, or check out the folder again.`;
  }
  if (!existsSync(join(graphs, "family.json"))) {
    return `The box has no graphs: ${graphs}/family.json is not there; export them as models/README.md says, or check out the folder again.`;
  }
  return null;
}

function allFiles({ files, graphs, papers }: Box): readonly BundledFile[] {
  return [files, graphs, papers].flatMap((part) => Object.values(part));
}

/** The files under `folder` that are `wanted`, keyed by `prefix` + their path in it, placed in a folder named by their common hash. */
function hashedFolder(
  folder: string,
  wanted: (path: string) => boolean,
  name: (hash: string) => string,
  prefix: string,
): Record<string, BundledFile> {
  const found = listFiles(folder, wanted).map((path) => {
    const source = join(folder, path);
    const bytes = readFileSync(source);
    return {
      source,
      path,
      sizeBytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    };
  });
  const all = createHash("sha256");
  for (const { path, sha256 } of found) all.update(`${path} ${sha256}\n`);
  const target = name(all.digest("hex").slice(0, 12));
  return Object.fromEntries(
    found.map(({ source, path, sizeBytes, sha256 }) => [
      `${prefix}${path}`,
      { source, fileName: `${target}/${path}`, sizeBytes, sha256 },
    ]),
  );
}

/** What a model's makers say of it: its card, its evaluation, and the plots of that. */
const PAPERS = /^(README\.md|evaluation\.json|evaluation\/[^/]+\.png)$/;
/** What a model is made of; other notes and pictures beside it stay out of the site. */
const CONTENTS = /\.(json|txt|safetensors|onnx)$/;

const isPaper = (path: string): boolean => PAPERS.test(path);
const isContent = (path: string): boolean => CONTENTS.test(path) && !isPaper(path);

/** Paths in `folder`, with "/" between their parts. */
function listFiles(folder: string, wanted: (path: string) => boolean): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter(wanted)
    .sort();
}

function rooted(base: string): string {
  return base.startsWith("/") ? base : "/";
}

function siteRoot(assetsDir: string): string {
  const up = "../".repeat(assetsDir.split("/").filter(Boolean).length);
  return `new URL(${JSON.stringify(up)}, String(import.meta.url)).href`;
}

function moduleText(box: Box, root: string): string {
  const place = (files: Readonly<Record<string, BundledFile>>) =>
    Object.entries(files)
      .map(([path, { fileName, sizeBytes, sha256 }]) => {
        return `  ${JSON.stringify(path)}: { url: root + ${JSON.stringify(fileName)}, sizeBytes: ${sizeBytes}, sha256: "${sha256}" },`;
      })
      .join("\n");
  return [
    `const root = ${root};`,
    `export const files = {\n${place(box.files)}\n};`,
    `export const papers = {\n${place(box.papers)}\n};`,
    `export const graphs = { families: ${JSON.stringify(box.families)}, files: {\n${place(box.graphs)}\n} };`,
  ].join("\n");
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
