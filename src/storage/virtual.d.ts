/** The module that scripts/bundledModels.ts writes at build time. */
declare module "virtual:bundled-model" {
  /** One file of the site: where it lies, how long it is, and the hex SHA-256 of its bytes. */
  interface BundledFile {
    readonly url: string;
    readonly sizeBytes: number;
    readonly sha256: string;
  }
  type BundledFiles = Readonly<Record<string, BundledFile>>;
  /** The own files of the bundled model, by their path in the diffusers folder. */
  export const files: BundledFiles;
  /** The makers' description of that model: `README.md`, `evaluation.json`, `evaluation/*.png`, as far as there. */
  export const documents: BundledFiles;
  /** Families of graphs, that of the bundled model first. */
  export const families: readonly string[];
  /** Graphs by `<family>/<file>`. */
  export const graphs: BundledFiles;
  /** Well-known models whose configs are there. */
  export const publishedNames: readonly string[];
  /** Their configs by `<name>/<path>`, and the vocabulary that they share under `clip/`. */
  export const published: BundledFiles;
  /** `catalogue.json`. */
  export const catalogue: BundledFiles;
}
