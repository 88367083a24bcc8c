/** Model folders and graph libraries on a disk. */

import { existsSync, openAsBlob, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../core/failure";
import type { GraphLibrary, ModelFiles } from "../runtime/modelFiles";

/**
 * The files of one folder. Nothing is read before it is asked for, and then only the part that is.
 *
 * @throws {Failure} "model-missing" if there is no such folder.
 */
export function nodeModelFiles(folder: string): ModelFiles {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(
      "model-missing",
      `${folder} is no folder; wanted a model in diffusers' layout, or graphs for one.`,
    );
  return {
    async open(path) {
      const file = join(folder, path);
      return existsSync(file) ? openAsBlob(file) : null;
    },
  };
}

/** The graphs in a folder: every folder in it that has a `family.json` is a family. */
export function nodeGraphLibrary(folder: string): GraphLibrary {
  const { open } = nodeModelFiles(folder);
  const families = readdirSync(folder).filter((name) => existsSync(join(folder, name, "family.json")));
  return { open, families: families.sort() };
}
