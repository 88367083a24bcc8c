/** Decides which files of a build are fetched at install, and which are kept after their first use. */

/** One file of the build, as Workbox lists it. */
export interface BuildEntry {
  readonly url: string;
  /** Null if the name contains a hash of the content. */
  readonly revision: string | null;
}

/** The build in two parts. */
export interface Plan {
  /** The app without an engine or a model: a few hundred kilobytes. */
  readonly shell: readonly BuildEntry[];
  /** Megabytes of engine and model, of which a device needs only some; absolute addresses. */
  readonly keepable: ReadonlySet<string>;
}

/** Each of ONNX Runtime's builds is script and WebAssembly; a browser uses one of them. */
const KEEPABLE = /^models\/|^assets\/.*\.wasm$|^assets\/ort[.-]/;

/** @param scope absolute address that the entries are relative to. */
export function planCaches(build: readonly BuildEntry[], scope: string): Plan {
  const isKeepable = ({ url }: BuildEntry) => KEEPABLE.test(url);
  return {
    shell: build.filter((entry) => !isKeepable(entry)),
    keepable: new Set(build.filter(isKeepable).map(({ url }) => new URL(url, scope).href)),
  };
}
