/** Plans a download: the files of a hub's repository that make up its model, or one file at an address. */

import { INDEX_FILE } from "../checkpoint/layout/diffusers";
import { layoutKind } from "../checkpoint/layout/kind";
import { onnxPath } from "../checkpoint/layout/onnx";
import { isPickle, pickleRefusal } from "../checkpoint/layout/pickle";
import { Failure } from "../core/failure";
import type { FetchPlan, ModelOrigin, PlannedFile } from "../protocol/library";
import { diffusersFiles, isOnnxIndex, readIndex } from "./hub/diffusers";
import { type Fetch, measure } from "./hub/host";
import { onnxFiles } from "./hub/onnx";
import { type HubOrigin, openRepository, type Repository } from "./hub/repository";
import { tinyDecoderFiles } from "./hub/tinyDecoder";

/** A plan before anybody looked what of it is here. */
export type DraftPlan = Omit<FetchPlan, "keptBytes" | "modelId">;

/**
 * Asks for names, sizes and hashes; fetches no weights.
 *
 * @param world.fetch `fetch`, or another for tests.
 * @throws {Failure} "bad-request" for an origin that makes no sense, "model-missing" if it is not to be had (with what to do),
 * "unsupported" for pickles and for pipelines that are not ours, "cancelled".
 */
export async function planFromHub(origin: ModelOrigin, world: { readonly fetch: Fetch }): Promise<DraftPlan> {
  return origin.kind === "url" ? planOfFile(origin, world.fetch) : planOfRepository(origin, world.fetch);
}

async function planOfRepository(origin: HubOrigin, fetch: Fetch): Promise<DraftPlan> {
  checkOrigin(origin);
  const repository = await openRepository(origin, fetch);
  const files = await filesOf(repository);
  const name = origin.repository.slice(origin.repository.indexOf("/") + 1);
  return planOf({ name, origin, licence: repository.licence, files });
}

async function filesOf(repository: Repository): Promise<PlannedFile[]> {
  const index = await repository.find(INDEX_FILE);
  if (index !== null) {
    const { paths } = repository;
    const isOnnx =
      paths === null ? isOnnxIndex(await readIndex(repository, index)) : layoutKind(paths) === "onnx";
    return isOnnx ? onnxFiles(repository) : diffusersFiles(repository, index);
  }
  const decoder = await tinyDecoderFiles(repository);
  if (decoder !== null) return decoder;
  const { paths } = repository;
  if (paths === null)
    throw new Failure(
      "model-missing",
      "This host does not list its files, and has no model_index.json there; check the name, or give the address of one .safetensors file.",
    );
  return onnxPath(paths, "unet") !== null ? onnxFiles(repository) : singleFile(repository, paths);
}

/** So many files are named. */
const NAMED_MAX = 6;

async function singleFile(repository: Repository, paths: readonly string[]): Promise<PlannedFile[]> {
  const singles = paths.filter((path) => path.endsWith(".safetensors"));
  const [single, ...others] = singles;
  if (single === undefined) throw withoutModel(paths);
  if (others.length > 0)
    throw new Failure(
      "bad-request",
      `The repository has ${singles.length} models or parts of models, and no model_index.json to say what belongs together: ${named(singles)}. Give the address of one of these files.`,
    );
  const file = await repository.find(single);
  return file === null ? [] : [{ ...file, path: single.slice(single.lastIndexOf("/") + 1) }];
}

function withoutModel(paths: readonly string[]): Failure {
  const pickle = paths.find(isPickle);
  if (pickle !== undefined) return pickleRefusal(pickle);
  return new Failure(
    "model-missing",
    `The repository has no model: wanted model_index.json, a .safetensors file or ONNX networks, found ${named(paths)}.`,
  );
}

function named(paths: readonly string[]): string {
  if (paths.length === 0) return "no files";
  return paths.slice(0, NAMED_MAX).join(", ") + (paths.length > NAMED_MAX ? ", …" : "");
}

type FileOrigin = Extract<ModelOrigin, { kind: "url" }>;

async function planOfFile(origin: FileOrigin, fetch: Fetch): Promise<DraftPlan> {
  const url = fileAddress(origin.url);
  const path = fileName(url);
  const inRepository = repositoryOf(url);
  const file =
    inRepository === null
      ? await measured(url, path, fetch)
      : await (await openRepository(inRepository.origin, fetch)).find(inRepository.path);
  if (file === null)
    throw new Failure("model-missing", `${url.host} has no ${path} there; check the address.`);
  const name = path.replace(/\.safetensors$/, "");
  return planOf({ name, origin, licence: null, files: [{ ...file, path }] });
}

async function measured(url: URL, path: string, fetch: Fetch): Promise<PlannedFile | null> {
  const size = await measure(fetch, url.href, { what: path, page: null });
  return size && { path, url: url.href, ...size };
}

/** The page about a file on a hub is one word away from the file. */
function fileAddress(address: string): URL {
  if (!URL.canParse(address) || !/^https?:/.test(address))
    throw new Failure(
      "bad-request",
      `${address.slice(0, 200)} is no address; wanted one that begins with https://.`,
    );
  const url = new URL(address);
  url.hash = "";
  url.pathname = url.pathname.replace(/^(\/[^/]+\/[^/]+)\/blob\//, "$1/resolve/");
  return url;
}

/** Some hosts give files by number; their names are not known before they come. */
function fileName({ pathname }: URL): string {
  const last = decodeURIComponent(pathname.slice(pathname.lastIndexOf("/") + 1));
  if (last.endsWith(".safetensors")) return last;
  if (isPickle(last)) throw pickleRefusal(last);
  if (/\.\w{2,5}$/.test(last)) throw new Failure("unsupported", `Wanted a .safetensors file, got ${last}.`);
  return `${last || "model"}.safetensors`;
}

/** Of an address in a hub's way of writing: there the hub itself is asked, since the file's own answer comes by a redirect. */
function repositoryOf(url: URL): { origin: HubOrigin; path: string } | null {
  const [, repository, revision, path] =
    /^\/([\w.-]+\/[\w.-]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
  if (repository === undefined || revision === undefined || path === undefined) return null;
  const origin = {
    kind: "hub",
    baseUrl: url.origin,
    repository,
    revision: decodeURIComponent(revision),
  } as const;
  return { origin, path: decodeURIComponent(path) };
}

function checkOrigin({ baseUrl, repository, revision }: HubOrigin): void {
  const wrong = !/^[\w.-]+\/[\w.-]+$/.test(repository) || /(^|\/)\.\.?(\/|$)/.test(repository);
  if (wrong) {
    const got = JSON.stringify(repository.slice(0, 100));
    throw new Failure("bad-request", `Wanted a repository as owner/name, got ${got}.`);
  }
  if (!/^https?:\/\/[^/]/.test(baseUrl) || baseUrl.endsWith("/") || !URL.canParse(baseUrl)) {
    const got = JSON.stringify(baseUrl.slice(0, 100));
    throw new Failure("bad-request", `Wanted a hub's address as https://huggingface.co, got ${got}.`);
  }
  if (revision === "" || revision.length > 200)
    throw new Failure("bad-request", 'Wanted a branch, tag or commit, as "main".');
}

function planOf(draft: Omit<DraftPlan, "totalBytes">): DraftPlan {
  return { ...draft, totalBytes: draft.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}
