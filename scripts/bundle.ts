/**
 * The parts of `models/` that go into the site, and where: each model, family of graphs and set of configs lies in a folder named by
 * the hash of what is in it, so that what did not change is never fetched again.
 */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";

/** Where the bundle is filled from; all are on disk. */
export interface BundleOptions {
  /** The bundled model: a diffusers folder. */
  readonly model: string;
  /** The graphs that the bundled model runs on: a folder with `family.json` and `<network>.<dtype>.onnx`. */
  readonly graphs: string;
  /** The contents of every site: a folder with `graphs/<family>/`, `published/<name>/` and `catalogue.json`. */
  readonly library: string;
}

/** One file of the site. */
export interface BundledFile {
  /** Where it lies on disk. */
  readonly source: string;
  /** Where it goes in the site. */
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Files by the path that is asked for. */
export type BundledFiles = Readonly<Record<string, BundledFile>>;

/** Every file of the bundle. */
export interface Bundle {
  /** The model's own. */
  readonly files: BundledFiles;
  /** The makers' description of the model, for people to read; no picture needs it. */
  readonly documents: BundledFiles;
  /** Graphs by `<family>/<file>`, those of the bundled model first. */
  readonly graphs: BundledFiles;
  readonly families: readonly string[];
  /** The configs that well-known models publish beside their weights, by `<name>/<path>`. */
  readonly published: BundledFiles;
  /** The folders of `published` that are models: they have a configuration of a network. */
  readonly publishedNames: readonly string[];
  /** `catalogue.json`. */
  readonly catalogue: BundledFiles;
  /** A sentence if the bundle cannot be filled, else null. */
  readonly missing: string | null;
}

/** Reads and hashes everything. */
export function fillBundle(options: BundleOptions): Bundle {
  const { model, library } = options;
  const missing = whatIsMissing(options);
  if (missing !== null) return { ...EMPTY, missing };
  const families = familyFolders(options);
  const published = foldersIn(join(library, "published"));
  return {
    files: hashed(model, listFiles(model, isContent), (hash) => `models/${basename(model)}-${hash}`),
    documents: hashed(
      model,
      listFiles(model, isDocument),
      (hash) => `models/${basename(model)}-documents-${hash}`,
    ),
    graphs: merged(families.map((folder) => hashedFolder(folder, "graphs"))),
    families: families.map((folder) => basename(folder)),
    published: merged(published.map((folder) => hashedFolder(folder, "published"))),
    publishedNames: published.filter(hasNetwork).map((folder) => basename(folder)),
    catalogue: hashed(library, ["catalogue.json"], (hash) => `models/catalogue-${hash}`),
    missing: null,
  };
}

/** Everything in the bundle, one after the other. */
export function filesOf({ files, documents, graphs, published, catalogue }: Bundle): readonly BundledFile[] {
  return [files, documents, graphs, published, catalogue].flatMap((part) => Object.values(part));
}

const EMPTY = {
  files: {},
  documents: {},
  graphs: {},
  families: [],
  published: {},
  publishedNames: [],
  catalogue: {},
} as const;

function whatIsMissing({ model, graphs, library }: BundleOptions): string | null {
  const wanted = [
    ["model", join(model, "model_index.json"), "train it"],
    ["graphs", join(graphs, "family.json"), "export them"],
    ["catalogue", join(library, "catalogue.json"), "write it"],
  ] as const;
  for (const [part, path, how] of wanted) {
    if (!existsSync(path))
      return `The box has no ${part}: ${path} is not there; ${how} as models/README.md says, or check out the folder again.`;
  }
  return null;
}

/** The family of the bundled model first: it is the first that a model is compared with. */
function familyFolders({ graphs, library }: BundleOptions): string[] {
  const others = foldersIn(join(library, "graphs")).filter(
    (folder) => existsSync(join(folder, "family.json")) && resolve(folder) !== resolve(graphs),
  );
  return [graphs, ...others];
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .sort();
}

/** The vocabulary that models share lies beside them, and is none. */
function hasNetwork(folder: string): boolean {
  return listFiles(folder, (path) => path.endsWith("/config.json")).length > 0;
}

function hashedFolder(folder: string, prefix: string): Record<string, BundledFile> {
  const name = basename(folder);
  const paths = listFiles(folder, isContent);
  return hashed(folder, paths, (hash) => `models/${prefix}-${hash}/${name}`, `${name}/`);
}

function merged(parts: readonly Record<string, BundledFile>[]): BundledFiles {
  return Object.assign({}, ...parts);
}

/** Files of `folder`, keyed by `prefix` + their path in it, placed in a folder named by their common hash. */
function hashed(
  folder: string,
  paths: readonly string[],
  name: (hash: string) => string,
  prefix = "",
): Record<string, BundledFile> {
  const found = paths.map((path) => {
    const source = join(folder, path);
    const bytes = readFileSync(source);
    return { source, path, sizeBytes: bytes.length, sha256: hashOf(bytes) };
  });
  const all = createHash("sha256");
  for (const { path, sha256 } of found) all.update(`${path} ${sha256}\n`);
  const target = name(all.digest("hex").slice(0, 12));
  return Object.fromEntries(
    found.map(({ path, ...file }) => [`${prefix}${path}`, { ...file, fileName: `${target}/${path}` }]),
  );
}

/** Hex SHA-256. */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The makers' description of a model: its card, its evaluation, and the plots of that. */
const DOCUMENTS = /^(README\.md|evaluation\.json|evaluation\/[^/]+\.png)$/;
/** The files that a model is made of; other notes and pictures beside it stay out of the site. */
const CONTENTS = /\.(json|txt|safetensors|onnx)$/;

const isDocument = (path: string): boolean => DOCUMENTS.test(path);
const isContent = (path: string): boolean => CONTENTS.test(path) && !isDocument(path);

/** Paths in `folder`, with "/" between their parts. */
function listFiles(folder: string, wanted: (path: string) => boolean): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter(wanted)
    .sort();
}
