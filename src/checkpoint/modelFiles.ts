/** Where bytes come from: the runtime asks for files by name and never learns whether a disk, a cache or a network answers. */

/** The files of one model: a folder, wherever it is. */
export interface ModelFiles {
  /** Every file, relative to the folder, "/" between names. */
  readonly paths: readonly string[];
  /** @param path as in `paths`. @returns null if there is no such file. */
  open(path: string): Promise<Blob | null>;
}

/** Graphs without weights: one folder per family of models, `family.json` in each. */
export interface GraphLibrary extends ModelFiles {
  /** Names of the folders, in the order in which they are tried. */
  readonly families: readonly string[];
}

/**
 * Published files of well-known models, without weights, one folder per model: configurations, scheduler, tokenizer settings.
 * For checkpoints that came without; the vocabulary of CLIP, which they share, lies once in `clip/`.
 */
export interface PublishedConfigs extends ModelFiles {
  /** Names of the folders of models. */
  readonly names: readonly string[];
}
