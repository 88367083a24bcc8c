/** What scripts/bundledModels.ts writes at build time. */
declare module "virtual:bundled-model" {
  /** One file of the box: where it lies, how long it is, and the hex SHA-256 of its bytes. */
  interface BundledFile {
    readonly url: string;
    readonly sizeBytes: number;
    readonly sha256: string;
  }
  /** The model's own files by their path in the diffusers folder. */
  export const files: Readonly<Record<string, BundledFile>>;
  /** What the model's makers say of it: `README.md`, `evaluation.json`, `evaluation/*.png`, as far as there. */
  export const papers: Readonly<Record<string, BundledFile>>;
  /** Graphs by `<family>/<file>`. */
  export const graphs: {
    readonly families: readonly string[];
    readonly files: Readonly<Record<string, BundledFile>>;
  };
}
