/** Model folders and graph libraries on a disk. */

import { openAsBlob, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { Failure } from "../core/failure";
import type { GraphLibrary, ModelFiles, PublishedPapers } from "../runtime/modelFiles";

/**
 * The files of one folder. Nothing is read before it is asked for, and then only the part that is.
 *
 * @throws {Failure} "model-missing" if there is no such folder.
 */
export function nodeModelFiles(folder: string): ModelFiles {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure("model-missing", `${folder} is no folder; wanted a model, or graphs for one.`);
  const paths = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
  const known = new Set(paths);
  return {
    paths,
    open: async (path) => (known.has(path) ? openAsBlob(join(folder, path)) : null),
  };
}

/** One file as a folder of its own. @throws {Failure} "model-missing" if there is no such file. */
export function nodeSingleFile(path: string): ModelFiles {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new Failure("model-missing", `${path} is no file; wanted a model.`);
  const name = basename(path);
  return {
    paths: [name],
    open: async (asked) => (asked === name ? openAsBlob(join(dirname(path), name)) : null),
  };
}

/** The graphs in a folder: every folder in it that has a `family.json` is a family. */
export function nodeGraphLibrary(folder: string): GraphLibrary {
  const files = nodeModelFiles(folder);
  return { ...files, families: foldersWith("family.json", files) };
}

/** What well-known models publish beside their weights: every folder that has a `model_index.json` is a model's. */
export function nodePublishedPapers(folder: string): PublishedPapers {
  const files = nodeModelFiles(folder);
  return { ...files, names: foldersWith("model_index.json", files) };
}

function foldersWith(name: string, { paths }: ModelFiles): string[] {
  return paths.flatMap((path) => {
    const [folder = "", file, ...deeper] = path.split("/");
    return file === name && deeper.length === 0 ? [folder] : [];
  });
}
