/** Files of one model in the origin's private file system, by path with "/" between names. */

/** Null where there is none. */
type Found<T> = Promise<T | null>;

/** One folder and everything in it. */
export class Folder {
  readonly #root: () => Promise<FileSystemDirectoryHandle>;
  readonly #path: readonly string[];

  /** @param path of this folder below `root`; it is made when something is written. */
  constructor(root: () => Promise<FileSystemDirectoryHandle>, path: readonly string[]) {
    this.#root = root;
    this.#path = path;
  }

  /** A handle of the file, which is made if it is not there. */
  async create(path: string): Promise<FileSystemFileHandle> {
    const [name, parents] = split([...this.#path, ...path.split("/")]);
    let folder = await this.#root();
    for (const parent of parents) folder = await folder.getDirectoryHandle(parent, { create: true });
    return folder.getFileHandle(name, { create: true });
  }

  /** The file as it is now. */
  async open(path: string): Found<File> {
    const [name, parents] = split([...this.#path, ...path.split("/")]);
    return unlessMissing(async () => {
      const folder = await descend(await this.#root(), parents);
      return (await folder.getFileHandle(name)).getFile();
    });
  }

  async remove(path: string): Promise<void> {
    const [name, parents] = split([...this.#path, ...path.split("/")]);
    await unlessMissing(async () => (await descend(await this.#root(), parents)).removeEntry(name));
  }

  /** Removes this folder and all in it. */
  async removeAll(): Promise<void> {
    const [name, parents] = split(this.#path);
    await unlessMissing(async () =>
      (await descend(await this.#root(), parents)).removeEntry(name, { recursive: true }),
    );
  }

  /** Paths of all files; none if the folder is not there. */
  async paths(): Promise<readonly string[]> {
    const found = await unlessMissing(async () => pathsIn(await descend(await this.#root(), this.#path), ""));
    return found ?? [];
  }

  /** Names of the folders right in this one. */
  async folders(): Promise<readonly string[]> {
    const found = await unlessMissing(async () => {
      const names: string[] = [];
      for await (const [name, { kind }] of (await descend(await this.#root(), this.#path)).entries()) {
        if (kind === "directory") names.push(name);
      }
      return names;
    });
    return found ?? [];
  }
}

async function descend(root: FileSystemDirectoryHandle, names: readonly string[]) {
  let folder = root;
  for (const name of names) folder = await folder.getDirectoryHandle(name);
  return folder;
}

async function pathsIn(folder: FileSystemDirectoryHandle, prefix: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const [name, handle] of folder.entries()) {
    if (handle instanceof FileSystemFileHandle) paths.push(prefix + name);
    else paths.push(...(await pathsIn(handle, `${prefix}${name}/`)));
  }
  return paths;
}

function split(names: readonly string[]): [name: string, parents: readonly string[]] {
  return [names.at(-1) ?? "", names.slice(0, -1)];
}

/** A folder where a file was wanted is as good as no file. */
async function unlessMissing<T>(act: () => Promise<T>): Found<T> {
  try {
    return await act();
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotFoundError" || name === "TypeMismatchError") return null;
    throw error;
  }
}
