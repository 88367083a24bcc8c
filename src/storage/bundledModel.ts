/// <reference path="./virtual.d.ts" />
/** The files that come with the site: the bundled model, the graphs and configs that any model is opened with, the catalogue. */

import {
  catalogue,
  documents,
  families,
  files,
  graphs,
  published,
  publishedNames,
} from "virtual:bundled-model";
import { sum } from "../core/numbers";
import type { CatalogueEntry } from "../protocol/catalogue";
import { type KeepFile, openFiles } from "./bundledFiles";
import { parseCatalogue } from "./catalogue";
import { keepFile } from "./offlineCopy";

/** Files by path; null for one that does not exist. Nothing is fetched before it is opened; what was fetched is kept. */
interface BundledFiles {
  readonly paths: readonly string[];
  open(path: string): Promise<Blob | null>;
}

/** The bundled model, and what any other model needs of the site. */
export interface Bundled {
  /** A diffusers folder. */
  readonly model: BundledFiles;
  /** By `<family>/<file>`. */
  readonly graphs: BundledFiles & { readonly families: readonly string[] };
  /** The configs that well-known models publish beside their weights, by `<name>/<path>`. */
  readonly published: BundledFiles & { readonly names: readonly string[] };
  /** True if a copy is kept of every file that was opened. */
  isKept(): boolean;
}

/**
 * @param onBytes told how many bytes have really arrived, of all that were asked for so far; the bundled model is asked
 * for as a whole when the first of its files is.
 */
export function bundled(onBytes: (doneBytes: number, totalBytes: number) => void): Bundled {
  const arrivedBytes = new Map<string, number>();
  const sizes = new Map<string, number>();
  const unkept = new Set<string>();
  const keep: KeepFile = async (url, bytes) => {
    const isKept = await keepFile(url, bytes);
    if (!isKept) unkept.add(url);
    return isKept;
  };
  const metered = (folder: string, known: typeof files, whole: boolean): BundledFiles => ({
    paths: Object.keys(known),
    open: openFiles(
      known,
      {
        arrived(path, doneBytes) {
          arrivedBytes.set(`${folder}/${path}`, doneBytes);
          for (const asked of whole ? Object.keys(known) : [path])
            sizes.set(`${folder}/${asked}`, known[asked]?.sizeBytes ?? 0);
          onBytes(sum(arrivedBytes.values()), sum(sizes.values()));
        },
      },
      keep,
    ),
  });
  return {
    isKept: () => unkept.size === 0,
    model: metered("model", files, true),
    graphs: { ...metered("graphs", graphs, false), families },
    published: { ...metered("published", published, false), names: publishedNames },
  };
}

/** Models that are worth fetching, checked. @throws {Failure} as for any file of the site. */
export async function bundledCatalogue(): Promise<readonly CatalogueEntry[]> {
  const [path = ""] = Object.keys(catalogue);
  const file = await openFiles(catalogue, { arrived: () => undefined }, keepFile)(path);
  return parseCatalogue((await file?.text()) ?? "");
}

/** The makers' description for people: the card, the evaluation, and plots. */
export interface BundledDocuments {
  /** Sorted; "README.md", "evaluation.json" and "evaluation/*.png", as far as the bundle has them. */
  readonly paths: readonly string[];
  open(path: string): Promise<Blob | null>;
}

/** Nothing is fetched before it is opened, and none of it counts towards the loading of the model. */
export function bundledDocuments(): BundledDocuments {
  return { paths: Object.keys(documents), open: openFiles(documents, { arrived: () => {} }, keepFile) };
}

/** Keeps copies of the documents for a day without a network; true if all of them are kept, or there are none. */
export async function keepDocuments(): Promise<boolean> {
  const { paths, open } = bundledDocuments();
  const kept = await Promise.allSettled(paths.map(open));
  return kept.every(({ status }) => status === "fulfilled");
}
