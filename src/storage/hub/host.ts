/** Questions to a host of models, and what its answers mean in a sentence. */

import type * as v from "valibot";
import { check, parseJsonText } from "../../checkpoint/json";
import { Failure } from "../../core/failure";

/** `fetch`, or what a test gives for it. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** The subject of a question, for messages: "the list of files of owner/name". */
export interface Subject {
  readonly what: string;
  /** Where a person can read about it and accept its licence; null for a bare address. */
  readonly page: string | null;
}

/** How large a file is, and its hash if the host publishes one. */
export interface Measure {
  readonly sizeBytes: number;
  readonly sha256: string | null;
}

const PLAIN: RequestInit = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };
const SHA256 = /^"?([0-9a-f]{64})"?$/i;

/** The answer, whatever its status. @throws {Failure} "cancelled", or "model-missing" if none came. */
export async function ask(fetch: Fetch, url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...PLAIN, ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError")
      throw new Failure("cancelled", "Stopped before anything was fetched.", { cause });
    throw new Failure(
      "model-missing",
      `${new URL(url).host} cannot be reached: there is no connection, or it does not let web pages read from it. Check the network and the address and try again, or download the files there and import them.`,
      { cause },
    );
  }
}

/** The failure that an unsuccessful answer means. */
export function refusal({ status, headers }: Response, url: string, { what, page }: Subject): Failure {
  const { host } = new URL(url);
  const word = headers.get("X-Error-Code");
  if (word === "GatedRepo" || (status === 403 && page !== null)) return gated(page ?? url, what);
  if (word === "RevisionNotFound")
    return missing(`${host} has ${what} not in that revision; check the branch, tag or commit.`);
  if (status === 401 || word === "RepoNotFound")
    return missing(
      `${host} shows ${what} to nobody who has not signed in: it is private, gated, or not there. Check the name; if its page offers it to you, download the files there and import them.`,
    );
  if (status === 403) return missing(`${host} does not give ${what} to this page (403).`);
  if (status === 404) return missing(`${host} has no ${what}; check the name.`);
  if (status === 429) return missing(`${host} has had too many requests from here; ${later(headers)}.`);
  return missing(`${host} answered ${status} when asked for ${what}; try again later.`);
}

/** For models whose makers want to be asked first. */
export function gated(page: string, what: string): Failure {
  return missing(
    `${what} is gated: its makers ask everybody to accept its licence first. Do that at ${page}, download the files there, and import them here.`,
  );
}

function missing(sentence: string): Failure {
  return new Failure("model-missing", sentence);
}

function later(headers: Headers): string {
  const seconds = headers.get("Retry-After");
  return seconds !== null && /^\d{1,5}$/.test(seconds)
    ? `try again in ${seconds} seconds`
    : "try again in some minutes";
}

/** True for a web page where data was wanted: as when a network asks to sign in first. */
export function isPage({ headers }: Response): boolean {
  return headers.get("Content-Type")?.startsWith("text/html") === true;
}

/** @throws {Failure} "model-missing": a page of a network that wants a sign-in, or of a host that is no hub. */
export function refusePage(url: string, { what }: Subject): never {
  throw missing(
    `Wanted ${what} from ${new URL(url).host}, and a web page came: the network may ask to sign in first, or the address is that of a page and not of a file.`,
  );
}

/**
 * Size and hash of a file by its head alone, or by its first byte where a host gives no heads; null if there is no such file.
 *
 * @throws {Failure} as {@link refusal}, and "model-missing" if the host does not tell how large the file is.
 */
export async function measure(fetch: Fetch, url: string, subject: Subject): Promise<Measure | null> {
  const head = await ask(fetch, url, { method: "HEAD" }).catch(unlessCancelled);
  if (head?.ok) {
    if (isPage(head)) refusePage(url, subject);
    const fromHead = measureOf(head);
    if (fromHead !== null) return fromHead;
  }
  if (head?.status === 404) return absent(head, url, subject);
  if (head && !head.ok && !HEADLESS.has(head.status)) throw refusal(head, url, subject);
  const first = await ask(fetch, url, { headers: { Range: "bytes=0-0" } });
  await first.body?.cancel();
  if (first.status === 404) return absent(first, url, subject);
  if (!first.ok) throw refusal(first, url, subject);
  if (isPage(first)) refusePage(url, subject);
  const measured = measureOf(first);
  if (measured !== null) return measured;
  throw missing(
    `${new URL(url).host} does not tell how large ${subject.what} is, so it cannot be fetched safely; download it and import the file.`,
  );
}

/** Answers of hosts that give no heads, or that redirect to an address signed for one kind of question only. */
const HEADLESS = new Set([400, 403, 405, 501]);

/** Such an address may also answer in a way that a web page must not read. */
function unlessCancelled(failure: Failure): null {
  if (failure.code === "cancelled") throw failure;
  return null;
}

/** A 404 of a file is an answer; of a repository or revision, a failure. */
function absent(response: Response, url: string, subject: Subject): null {
  const word = response.headers.get("X-Error-Code");
  if (word === null || word === "EntryNotFound") return null;
  throw refusal(response, url, subject);
}

/** A hub tells size and hash of large files in headers of its own, beside the redirect to where they lie. */
function measureOf({ status, headers }: Response): Measure | null {
  const whole =
    status === 206 ? /\/(\d+)$/.exec(headers.get("Content-Range") ?? "")?.[1] : plainLength(headers);
  const length = headers.get("X-Linked-Size") ?? whole;
  const sizeBytes = length == null ? Number.NaN : Number(length);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) return null;
  const [, sha256 = null] = SHA256.exec(headers.get("X-Linked-ETag") ?? "") ?? [];
  return { sizeBytes, sha256: sha256?.toLowerCase() ?? null };
}

/** With an encoding the announced length is that of the packed bytes. */
function plainLength(headers: Headers): string | undefined {
  const encoding = headers.get("Content-Encoding");
  if (encoding !== null && encoding !== "identity") return undefined;
  return headers.get("Content-Length") ?? undefined;
}

const TEXT_BYTES_MAX = 64 * 2 ** 20;

/** A small file as JSON of a known form. @throws {Failure} "model-missing", "model-corrupt" if it is something else. */
export async function readJson<S extends v.GenericSchema>(
  fetch: Fetch,
  url: string,
  schema: S,
  subject: Subject,
): Promise<v.InferOutput<S>> {
  const response = await ask(fetch, url);
  if (!response.ok) throw refusal(response, url, subject);
  if (isPage(response)) refusePage(url, subject);
  const text = await response.text();
  const name = `${new URL(url).host}: ${subject.what}`;
  if (text.length > TEXT_BYTES_MAX)
    throw new Failure("model-corrupt", `${name} is not what it should be: it has ${text.length} bytes.`);
  return check(name, schema, parseJsonText(name, text));
}
