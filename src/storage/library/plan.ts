/** Checks requests to the library: ids of models, names of files, and plans that make sense. */

import { Failure } from "../../core/failure";
import type { FetchPlan, ModelOrigin } from "../../protocol/library";

/** The same origin has the same id. */
export function modelIdOf(origin: ModelOrigin): string {
  if (origin.kind === "url") return origin.url;
  return `${origin.baseUrl}/${origin.repository}@${origin.revision}`;
}

/** Id of a model that was imported under that name. */
export function importedId(name: string): string {
  return `imported:${name}`;
}

const SEGMENT_CHARS_MAX = 200;
const SEGMENTS_MAX = 16;
const FORBIDDEN = /[\p{Cc}\\]/u;

/** @throws {Failure} "bad-request" for a path that could leave the model's folder, or that no folder can hold. */
export function checkPath(path: string): void {
  const segments = path.split("/");
  const isFine = (name: string) =>
    name !== "" && name !== "." && name !== ".." && name.length <= SEGMENT_CHARS_MAX && !FORBIDDEN.test(name);
  if (segments.length <= SEGMENTS_MAX && segments.every(isFine)) return;
  throw new Failure(
    "bad-request",
    `${JSON.stringify(path.slice(0, SEGMENT_CHARS_MAX))} is no path in a model's folder; wanted names with "/" between them.`,
  );
}

/** @throws {Failure} "bad-request" if two files would lie in the same place, or one where another needs a folder. */
export function checkPaths(paths: readonly string[]): void {
  const taken = new Set<string>();
  for (const path of paths) {
    checkPath(path);
    if (taken.has(path)) throw new Failure("bad-request", `${path} is there twice; wanted each file once.`);
    taken.add(path);
  }
  for (const path of paths) {
    for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
      if (!taken.has(path.slice(0, end))) continue;
      throw new Failure("bad-request", `${path.slice(0, end)} is a file and a folder at once.`);
    }
  }
}

/** @throws {Failure} "bad-request" saying which part of the plan makes no sense. */
export function checkPlan({ modelId, files, name }: Pick<FetchPlan, "modelId" | "name" | "files">): void {
  if (modelId === "" || files.length === 0) {
    throw new Failure("bad-request", `The plan for ${name} names no model or no files; plan it again.`);
  }
  checkPaths(files.map(({ path }) => path));
  for (const { path, url, sizeBytes, sha256 } of files) {
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
      throw new Failure("bad-request", `${path}: wanted its size in bytes, got ${sizeBytes}.`);
    }
    if (sha256 !== null && !/^[0-9a-f]{64}$/i.test(sha256)) {
      throw new Failure(
        "bad-request",
        `${path}: wanted a SHA-256 of 64 hex digits, got ${sha256.slice(0, 80)}.`,
      );
    }
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
      throw new Failure(
        "bad-request",
        `${path}: wanted an address that begins with https://, got ${url.slice(0, 200)}.`,
      );
    }
  }
}
