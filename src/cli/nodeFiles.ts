/** Model folders and graph libraries on a disk. */

import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { GraphLibrary, ModelFiles, PublishedConfigs } from "../checkpoint/modelFiles";
import { Failure } from "../core/failure";
import type { ReaderOf } from "../runtime/ort/mountWeights";
import { DiskFile } from "./diskFile";

/** Models are folders of folders of files. */
const DEPTH_MAX = 4;

/** Reads ranges of files that were opened here, without waiting. */
export const nodeReaderOf: ReaderOf = (file) =>
  file instanceof DiskFile ? (begin, end) => file.read(begin, end) : null;

/**
 * The files of one folder. Nothing is read before it is asked for, and then only the part that is.
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

/** Links are followed, as far as a folder of models is deep; what is hidden is none of a model's. */
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

/** The graphs in a folder: every folder in it that has a `family.json` is a family. */
export function nodeGraphLibrary(folder: string): GraphLibrary {
  const files = nodeModelFiles(folder);
  return { ...files, families: foldersWith("family.json", files) };
}

/** What well-known models publish beside their weights: every folder that has a `model_index.json` is a model's. */
export function nodePublishedConfigs(folder: string): PublishedConfigs {
  const files = nodeModelFiles(folder);
  return { ...files, names: foldersWith("model_index.json", files) };
}

/** The papers of one model in a folder, under the folder's own path as their name. */
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

/** Families of two libraries; where both have one of a name, the first has it. */
export function mergedGraphs(first: GraphLibrary, second: GraphLibrary): GraphLibrary {
  const others = second.families.filter((name) => !first.families.includes(name));
  const owner = (path: string) => (others.includes(path.split("/")[0] ?? "") ? second : first);
  return {
    families: [...first.families, ...others],
    paths: [...first.paths, ...second.paths.filter((path) => owner(path) === second)],
    open: (path) => owner(path).open(path),
  };
}
