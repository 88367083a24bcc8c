/** Tells from names and first bytes that chosen files are no model, before anything is closed for them. */

import { impostorOf } from "../../../checkpoint/layout/impostors";
import { layoutKind } from "../../../checkpoint/layout/kind";
import { isPickle } from "../../../checkpoint/layout/pickle";
import { Failure } from "../../../core/failure";
import type { ChosenFile } from "../../../protocol/calls";
import type { ChosenFolder } from "./disk";

/** Enough to tell a kind by, and all that `impostorOf` asks for. */
const HEAD_BYTES = 512;
/** A safetensors file begins with the length of its header, 8 bytes, and the header. */
const LENGTH_BYTES = 8;

const WANTED = "Choose the folder of a model, or one .safetensors file.";

/** Kinds of files by how they begin, as the end of a sentence. */
const KINDS: readonly (readonly [string, string])[] = [
  ["\x89PNG", "a PNG picture"],
  ["\xff\xd8\xff", "a JPEG picture"],
  ["GIF8", "a GIF picture"],
  ["PK\x03\x04", "a zip archive: unpack it first"],
  ["\x1f\x8b", "a gzip archive: unpack it first"],
  ["%PDF", "a PDF document"],
];

/** @throws {Failure} "bad-request" if the files cannot be a model. Which kind they are of instead is said where it can be told. */
export async function refuseForeign({ files }: Pick<ChosenFolder, "files">): Promise<void> {
  const weights = files.filter(({ path }) => /\.safetensors$/i.test(path));
  for (const file of weights) await refuseUnlikeSafetensors(file);
  const paths = files.map(({ path }) => path);
  const [only] = files;
  const isModel =
    layoutKind(paths) !== "other" || paths.some((path) => /^[^/]+\.(safetensors|gguf)$/i.test(path));
  if (isModel || paths.some(isPickle)) return;
  if (files.length === 1 && only !== undefined) {
    const head = await headOf(only);
    refuseImpostor(only, head);
    const kind = kindOf(head) ?? "no model";
    throw new Failure("bad-request", `“${only.path}” is ${kind}. ${WANTED}`);
  }
  const named = paths.slice(0, 3).join(", ");
  throw new Failure(
    "bad-request",
    `There is no model in it, only ${named}${paths.length > 3 ? ", …" : ""}. ${WANTED}`,
  );
}

async function refuseUnlikeSafetensors(file: ChosenFile): Promise<void> {
  const { size } = file.file;
  const head = await headOf(file);
  refuseImpostor(file, head);
  const kind = kindOf(head);
  if (kind !== null) throw new Failure("bad-request", `“${file.path}” is ${kind}. ${WANTED}`);
  if (size > LENGTH_BYTES && head[LENGTH_BYTES] === "{" && headerBytes(head) <= size - LENGTH_BYTES) return;
  throw new Failure(
    "bad-request",
    `“${file.path}” is no whole safetensors file: it has ${size} bytes, and no header that fits into them. Fetch it again.`,
  );
}

/** Pointers and web pages are named as they are everywhere else. */
function refuseImpostor({ path }: ChosenFile, head: string): void {
  const impostor = impostorOf(head);
  if (impostor !== null) throw new Failure("bad-request", `“${path}” ${impostor.says}. ${impostor.todo}`);
}

/** Length of the header that the first 8 bytes state, little-endian. */
function headerBytes(head: string): number {
  return [...head.slice(0, LENGTH_BYTES)].reduce((sum, byte, i) => sum + byte.charCodeAt(0) * 256 ** i, 0);
}

function kindOf(head: string): string | null {
  if (/^RIFF.{4}WEBP/s.test(head)) return "a WebP picture";
  return KINDS.find(([beginning]) => head.startsWith(beginning))?.[1] ?? null;
}

/** The first bytes, each as one character. */
async function headOf({ file }: ChosenFile): Promise<string> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  return String.fromCharCode(...bytes);
}
