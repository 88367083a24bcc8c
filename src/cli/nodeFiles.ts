/** Model folders and graph libraries on a disk. */

import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { GraphLibrary, ModelFiles, PublishedConfigs } from "../checkpoint/modelFiles";
import { Failure } from "../core/failure";
import type { ReaderOf } from "../runtime/ort/mountWeights";
import { DiskFile } from "./diskFile";

/** Levels of folders that are searched below a model's own; checkpoints have one or two. */
const DEPTH_MAX = 4;

/** Reads ranges of a {@link DiskFile} synchronously; null for other Blobs. */
export const nodeReaderOf: ReaderOf = (file) =>
  file instanceof DiskFile ? (begin, end) => file.read(begin, end) : null;

/**
 * The files of one folder. Only the ranges that are asked for are read.
 *
 * @throws {Failure} "model-missing" if there is no such folder.
 */
export function nodeModelFiles(folder: string): ModelFiles {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure("model-missing", `${folder} is no folder; wanted a model, or graphs for one.`);
  const paths = pathsIn(folder).sort();
  const known = new Set(paths);
  return {
    paths,
    open: async (path) => (known.has(path) ? new DiskFile(join(folder, path)) : null),
  };
}

/** Follows links, down to {@link DEPTH_MAX} levels; leaves out names that begin with a dot. */
function pathsIn(folder: string, prefix = "", depth = 0): string[] {
  return readdirSync(folder).flatMap((name) => {
    const entry = name.startsWith(".") ? undefined : statSync(join(folder, name), { throwIfNoEntry: false });
    if (entry?.isFile()) return [prefix + name];
    if (!entry?.isDirectory() || depth === DEPTH_MAX) return [];
    return pathsIn(join(folder, name), `${prefix}${name}/`, depth + 1);
  });
}

/** One file as a folder of its own. @throws {Failure} "model-missing" if there is no such file. */
export function nodeSingleFile(path: string): ModelFiles {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new Failure("model-missing", `${path} is no file; wanted a model.`);
  const name = basename(path);
  return {
    paths: [name],
    open: async (asked) => (asked === name ? new DiskFile(path) : null),
  };
}

/** The graphs in a folder. Each subfolder with a `family.json` is a family. */
export function nodeGraphLibrary(folder: string): GraphLibrary {
  const files = nodeModelFiles(folder);
  return { ...files, families: foldersWith("family.json", files) };
}

/** The configs that well-known models publish. Each subfolder with a `model_index.json` is one model's. */
export function nodePublishedConfigs(folder: string): PublishedConfigs {
  const files = nodeModelFiles(folder);
  return { ...files, names: foldersWith("model_index.json", files) };
}

/** The configs of one model in a folder; their name is the folder's path. */
export function nodeConfigs(folder: string): PublishedConfigs {
  const { paths, open } = nodeModelFiles(folder);
  const prefix = `${folder}/`;
  return {
    names: [folder],
    paths: paths.map((path) => prefix + path),
    open: async (path) => (path.startsWith(prefix) ? open(path.slice(prefix.length)) : null),
  };
}

function foldersWith(name: string, { paths }: ModelFiles): string[] {
  return paths.flatMap((path) => {
    const [folder = "", file, ...deeper] = path.split("/");
    return file === name && deeper.length === 0 ? [folder] : [];
  });
}

/** The families of two libraries. If both have a family of the same name, the first one's is taken. */
export function mergedGraphs(first: GraphLibrary, second: GraphLibrary): GraphLibrary {
  const others = second.families.filter((name) => !first.families.includes(name));
  const owner = (path: string) => (others.includes(path.split("/")[0] ?? "") ? second : first);
  return {
    families: [...first.families, ...others],
    paths: [...first.paths, ...second.paths.filter((path) => owner(path) === second)],
    open: (path) => owner(path).open(path),
  };
}
