/**
 * A repository of a hub, as far as planning needs it. The hub is asked for all files at once: one answer has names, sizes,
 * hashes, licence and commit, and no redirect, whose headers a web page could not read. A host without that
 * answer, as a plain mirror of the files is, gets its files asked for by name.
 */

import * as v from "valibot";
import { Failure } from "../../core/failure";
import type { ModelOrigin, PlannedFile } from "../../protocol/library";
import { ask, type Fetch, gated, isPage, measure, readJson, refusal, type Subject } from "./host";

/** Where a repository is. */
export type HubOrigin = Extract<ModelOrigin, { kind: "hub" }>;

/** The files of one revision. */
export interface Repository {
  /** Every file; null if the host does not list them. */
  readonly paths: readonly string[] | null;
  /** As its makers state it; null if they do not, or the host does not say. */
  readonly licence: string | null;
  /** Null if there is no such file. */
  find(path: string): Promise<PlannedFile | null>;
  /** A small file as JSON. @throws {Failure} "model-corrupt" if it is something else. */
  json<S extends v.GenericSchema>(file: PlannedFile, schema: S): Promise<v.InferOutput<S>>;
}

const text = v.fallback(v.optional(v.string()), undefined);
const INFO = v.object({
  sha: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/))),
  gated: v.fallback(v.union([v.boolean(), v.string()]), false),
  cardData: v.fallback(
    v.object({
      license: v.fallback(v.union([v.string(), v.array(v.string())]), ""),
      license_name: text,
    }),
    { license: "" },
  ),
  siblings: v.array(
    v.object({
      rfilename: v.string(),
      size: v.pipe(v.number(), v.integer(), v.minValue(0)),
      lfs: v.fallback(v.nullish(v.object({ sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })), null),
    }),
  ),
});

/** @throws {Failure} "model-missing" for a repository that is not there or not for everybody, or a host that is not. */
export async function openRepository(origin: HubOrigin, fetch: Fetch): Promise<Repository> {
  const { baseUrl, repository, revision } = origin;
  const page = `${baseUrl}/${repository}`;
  const subject: Subject = { what: repository, page };
  const url = `${baseUrl}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const response = await ask(fetch, url);
  const isNoHub = response.status === 404 && response.headers.get("X-Error-Code") === null;
  if (!response.ok && !isNoHub) throw refusal(response, url, subject);
  const info = v.safeParse(INFO, response.ok && !isPage(response) ? await jsonOf(response) : null);
  if (!info.success) return unlisted(origin, fetch);
  if (info.output.gated !== false) throw gated(page, repository);
  return listed(origin, info.output, fetch);
}

function listed(origin: HubOrigin, info: v.InferOutput<typeof INFO>, fetch: Fetch): Repository {
  // The commit, so that all files are of one moment, however long they take.
  const at = { ...origin, revision: info.sha ?? origin.revision };
  const files = new Map<string, PlannedFile>();
  for (const { rfilename: path, size: sizeBytes, lfs } of info.siblings)
    files.set(path, { path, url: fileUrl(at, path), sizeBytes, sha256: lfs?.sha256 ?? null });
  const { license, license_name } = info.cardData;
  const licence = [license].flat().join(", ");
  return {
    paths: [...files.keys()],
    licence: (licence === "other" ? license_name : licence) || null,
    find: async (path) => files.get(path) ?? null,
    json: (file, schema) => readJson(fetch, file.url, schema, subjectOf(origin, file.path)),
  };
}

function unlisted(origin: HubOrigin, fetch: Fetch): Repository {
  return {
    paths: null,
    licence: null,
    async find(path) {
      const url = fileUrl(origin, path);
      const measured = await measure(fetch, url, subjectOf(origin, path));
      return measured && { path, url, ...measured };
    },
    json: (file, schema) => readJson(fetch, file.url, schema, subjectOf(origin, file.path)),
  };
}

function subjectOf({ baseUrl, repository }: HubOrigin, path: string): Subject {
  return { what: `${path} of ${repository}`, page: `${baseUrl}/${repository}` };
}

function fileUrl({ baseUrl, repository, revision }: HubOrigin, path: string): string {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return `${baseUrl}/${repository}/resolve/${encodeURIComponent(revision)}/${encoded}`;
}

async function jsonOf(response: Response): Promise<unknown> {
  return response.json().catch(() => null); // no JSON is no list of files
}

/** A file that a model cannot do without. @throws {Failure} "model-missing". */
export async function required(repository: Repository, path: string): Promise<PlannedFile> {
  const file = await repository.find(path);
  if (file !== null) return file;
  throw new Failure("model-missing", `The repository has no ${path}, which a model needs.`);
}
