/** Where bytes come from: the runtime asks for files by name and never learns whether a disk, a cache or a network answers. */

/** The files of one model, a folder in diffusers' layout. */
export interface ModelFiles {
  /** @param path relative to the model's folder, "/" between names. @returns null if there is no such file. */
  open(path: string): Promise<Blob | null>;
}

/** The graphs that come with the app: one folder per family of models, `family.json` in each. */
export interface GraphLibrary extends ModelFiles {
  /** Names of the folders, in the order in which they are tried. */
  readonly families: readonly string[];
}
