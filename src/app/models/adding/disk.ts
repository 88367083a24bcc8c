/** Files that a person chose on their own disk: by a picker or by dropping them. They are read where they lie. */

import { isPickle } from "../../../checkpoint/layout/pickle";
import { Failure } from "../../../core/failure";
import type { ChosenFile } from "../../../protocol/calls";
import { PICKLE_REASON } from "./origins";

/** A folder, or one file, as it was chosen. */
export interface ChosenFolder {
  readonly name: string;
  readonly files: readonly ChosenFile[];
  readonly totalBytes: number;
}

/** More than any model has; beyond it somebody has chosen the folder above. */
const FILES_MAX = 2_000;
const DEPTH_MAX = 8;

declare global {
  interface Window {
    /** Chrome and Edge have it. */
    showDirectoryPicker?(options?: { mode: "read" | "readwrite" }): Promise<FileSystemDirectoryHandle>;
  }
}

/** True where the browser can open folders for a page; elsewhere an input takes their files. */
export function canPickFolders(): boolean {
  return window.showDirectoryPicker !== undefined;
}

/** @throws DOMException "AbortError" if the person closes the picker. */
export async function pickFolder(mode: "read" | "readwrite"): Promise<FileSystemDirectoryHandle> {
  if (window.showDirectoryPicker === undefined)
    throw new Failure("unsupported", "This browser cannot open folders for a page; Chrome and Edge can.");
  return window.showDirectoryPicker({ mode });
}

/** True for what a picker throws when the person closes it. */
export function isClosing(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** The files of an `<input type="file">`, with or without `webkitdirectory`. */
export function fromInput(files: readonly File[]): ChosenFolder {
  const paths = files.map((file) => (file.webkitRelativePath === "" ? file.name : file.webkitRelativePath));
  const [top = ""] = paths[0]?.split("/") ?? [];
  const isFolder = paths[0]?.includes("/") === true;
  const chosen = files.map((file, index) => {
    const path = paths[index] ?? file.name;
    return { path: isFolder ? path.slice(top.length + 1) : path, file };
  });
  return checked(isFolder ? top : withoutEnding(top), chosen.filter(isWanted));
}

/** @throws Failure "bad-request" for a folder that is no model's. */
export async function fromHandle(handle: FileSystemHandle): Promise<ChosenFolder> {
  const node = ofHandle(handle);
  return node.file === null ? fromNode(node) : fromInput([await node.file()]);
}

/**
 * The dropped files. Reads the list at once, since it is gone after the event.
 *
 * @returns null if nothing of it is a file.
 */
export function fromDrop({ items, files }: DataTransfer): Promise<ChosenFolder> | null {
  const dropped = [...items].filter(({ kind }) => kind === "file");
  if (dropped.length === 0) return null;
  const loose = [...files];
  const [first] = dropped;
  if (first !== undefined && "getAsFileSystemHandle" in first) {
    const handle = (first as WithHandle).getAsFileSystemHandle();
    return handle.then((found) =>
      !found || (found.kind === "file" && loose.length > 1) ? fromInput(loose) : fromHandle(found),
    );
  }
  const entry = first?.webkitGetAsEntry() ?? null;
  if (entry === null || entry.isFile) return Promise.resolve(fromInput(loose));
  return fromNode(ofEntry(entry));
}

type WithHandle = DataTransferItem & {
  getAsFileSystemHandle(): Promise<FileSystemHandle | null | undefined>;
};

/** A file, or a folder of more. */
interface Node {
  readonly name: string;
  /** Null for a folder. */
  readonly file: (() => Promise<File>) | null;
  children(): Promise<readonly Node[]>;
}

async function fromNode(top: Node): Promise<ChosenFolder> {
  return checked(top.name, await filesIn(top, "", 0));
}

async function filesIn(folder: Node, prefix: string, depth: number): Promise<readonly ChosenFile[]> {
  const files: ChosenFile[] = [];
  for (const node of await folder.children()) {
    const path = `${prefix}${node.name}`;
    if (!isWanted({ path })) continue;
    if (node.file !== null) files.push({ path, file: await node.file() });
    else if (depth < DEPTH_MAX) files.push(...(await filesIn(node, `${path}/`, depth + 1)));
    if (files.length > FILES_MAX) throw tooMany();
  }
  return files;
}

function ofHandle(handle: FileSystemHandle): Node {
  const { name } = handle;
  if (handle.kind === "file") {
    const file = handle as FileSystemFileHandle;
    return { name, file: () => file.getFile(), children: async () => [] };
  }
  const folder = handle as FileSystemDirectoryHandle;
  return {
    name,
    file: null,
    children: async () => {
      const nodes: Node[] = [];
      for await (const child of folder.values()) nodes.push(ofHandle(child));
      return nodes;
    },
  };
}

/** The older way, which Firefox and Safari have. */
function ofEntry(entry: FileSystemEntry): Node {
  const { name } = entry;
  if (entry.isFile)
    return { name, file: () => fileOf(entry as FileSystemFileEntry), children: async () => [] };
  const children = async () => (await entriesOf(entry as FileSystemDirectoryEntry)).map(ofEntry);
  return { name, file: null, children };
}

/** A reader gives a hundred at a time, until it gives none. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function checked(name: string, files: readonly ChosenFile[]): ChosenFolder {
  const [only] = files;
  if (only === undefined)
    throw new Failure("bad-request", `“${name}” has no files in it; choose the folder of a model.`);
  if (files.length > FILES_MAX) throw tooMany();
  if (files.length === 1 && isPickle(only.path)) throw new Failure("bad-request", PICKLE_REASON);
  return { name, files, totalBytes: files.reduce((sum, { file }) => sum + file.size, 0) };
}

function tooMany(): Failure {
  return new Failure(
    "bad-request",
    `There are more than ${FILES_MAX} files in it; choose the folder of one model, the one that has model_index.json in it.`,
  );
}

/** Names that begin with a dot are not the model's: they are caches and histories of repositories. */
function isWanted({ path }: { readonly path: string }): boolean {
  return !path.split("/").some((name) => name.startsWith("."));
}

function withoutEnding(name: string): string {
  return name.replace(/\.[^.]+$/, "");
}
