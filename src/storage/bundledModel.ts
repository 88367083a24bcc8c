/// <reference path="./virtual.d.ts" />
/** The model in the box, as the runtime wants to read it. */

import { files, graphs, papers } from "virtual:bundled-model";
import { openFiles } from "./bundledFiles";
import { keepFile } from "./offlineCopy";

/** Files of a diffusers folder by their path in it, and graphs by `<family>/<file>`; null for one that does not exist. */
export interface BundledModel {
  readonly model: { readonly paths: readonly string[]; open(path: string): Promise<Blob | null> };
  readonly graphs: {
    readonly paths: readonly string[];
    readonly families: readonly string[];
    open(path: string): Promise<Blob | null>;
  };
}

/**
 * @param onBytes told how many bytes have really arrived, of all that the model has and of the graphs asked for so far.
 * Nothing is fetched before it is opened.
 */
export function bundledModel(onBytes: (doneBytes: number, totalBytes: number) => void): BundledModel {
  const arrivedBytes = new Map<string, number>();
  const sizes = new Map(Object.entries(files).map(([path, { sizeBytes }]) => [`model/${path}`, sizeBytes]));
  const meter = (kind: string, known: typeof files) => ({
    arrived(path: string, doneBytes: number) {
      arrivedBytes.set(`${kind}/${path}`, doneBytes);
      sizes.set(`${kind}/${path}`, known[path]?.sizeBytes ?? doneBytes);
      onBytes(sum(arrivedBytes.values()), sum(sizes.values()));
    },
  });
  return {
    model: { paths: Object.keys(files), open: openFiles(files, meter("model", files), keepFile) },
    graphs: {
      paths: Object.keys(graphs.files),
      families: graphs.families,
      open: openFiles(graphs.files, meter("graphs", graphs.files), keepFile),
    },
  };
}

/** What the model's makers say of it, for people: its card, its evaluation, and plots. */
export interface BundledPapers {
  /** Sorted; "README.md", "evaluation.json" and "evaluation/*.png", as far as the box has them. */
  readonly paths: readonly string[];
  open(path: string): Promise<Blob | null>;
}

/** Nothing is fetched before it is opened, and none of it counts towards the loading of the model. */
export function bundledPapers(): BundledPapers {
  return { paths: Object.keys(papers), open: openFiles(papers, { arrived: () => {} }, keepFile) };
}

/** Keeps copies of the papers for a day without a network; true if all of them are kept, or there are none. */
export async function keepPapers(): Promise<boolean> {
  const { paths, open } = bundledPapers();
  const kept = await Promise.allSettled(paths.map(open));
  return kept.every(({ status }) => status === "fulfilled");
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
