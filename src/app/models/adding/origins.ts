/** Turns the text that people type or paste to name a model into an origin that can be looked up. */

import { isPickle } from "../../../checkpoint/layout/pickle";
import type { ModelOrigin } from "../../../protocol/library";

/** An origin, or a sentence why a text names none. */
export type Named =
  | { readonly status: "named"; readonly origin: ModelOrigin }
  | { readonly status: "unclear"; readonly problem: string };

export interface HubSettings {
  /** Without a slash at its end. */
  readonly hubUrl: string;
  /** Taken where the text names none. */
  readonly revision: string;
}

const REPOSITORY = /^([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/;
const FILE = /\.safetensors$/i;

/** "owner/name", "owner/name@revision", the address of a repository on a hub, or of one .safetensors file. */
export function namedOrigin(text: string, hub: HubSettings): Named {
  const name = text.trim();
  const [, repository, revision] = REPOSITORY.exec(name) ?? [];
  if (repository !== undefined && !isRelative(repository)) {
    if (FILE.test(name) || isPickle(name))
      return unclear("That is the path of a file. Give its whole address, beginning with https://.");
    return hubOrigin(hub.hubUrl, repository, revision ?? orMain(hub.revision));
  }
  // "huggingface.co/owner/name", as address bars show it.
  const address = /^[\w-]+(\.[\w-]+)+\//.test(name) ? `https://${name}` : name;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address))
    return unclear("Write a repository as owner/name, or paste a whole address beginning with https://.");
  return fromUrl(new URL(address), hub);
}

function fromUrl(url: URL, hub: HubSettings): Named {
  const isHere = ["127.0.0.1", "localhost"].includes(url.hostname);
  if (url.protocol === "http:" && !isHere)
    return unclear("That address is not encrypted, so what comes could be anything. Use https://.");
  if (url.username !== "" || url.password !== "")
    return unclear("That address has a password in it. Models are fetched without one.");
  if (isPickle(url.pathname)) return unclear(PICKLE_REASON);
  const base = hubOf(url, hub.hubUrl);
  const [owner = "", name = "", kind, revision, ...path] = segmentsAfter(url, base);
  if (["datasets", "spaces"].includes(owner))
    return unclear("That is not a model: models lie at owner/name, without “datasets” or “spaces” before.");
  if (FILE.test(url.pathname)) return fileOrigin(url, base, [owner, name, kind, revision, ...path]);
  if (isSite(url, "civitai.com")) return civitai(url);
  const isRepository = kind === undefined || kind === "tree" || kind === "blob" || kind === "resolve";
  if (owner === "" || name === "" || !isRepository)
    return unclear(
      "That is neither a repository nor a file that ends in .safetensors. Copy the address of either.",
    );
  return hubOrigin(
    base,
    `${owner}/${name}`,
    revision === undefined ? orMain(hub.revision) : decoded(revision),
  );
}

/** Why files of that kind are refused. */
export const PICKLE_REASON =
  "Files of that kind (pickles) can run code when they are read, so they are not opened. Look for the same model as .safetensors.";

/** A page that shows a file of a hub stands for the file. */
function fileOrigin(url: URL, base: string, segments: readonly (string | undefined)[]): Named {
  const [owner, name, kind, ...rest] = segments;
  const isPage = kind === "blob" || kind === "resolve";
  const address = isPage ? `${base}/${[owner, name, "resolve", ...rest].join("/")}` : withoutHash(url);
  return { status: "named", origin: { kind: "url", url: address } };
}

function civitai(url: URL): Named {
  if (url.pathname.startsWith("/api/download/"))
    return { status: "named", origin: { kind: "url", url: withoutHash(url) } };
  return unclear("That is a page about a model. Copy the address of its download button instead.");
}

function hubOrigin(baseUrl: string, repository: string, revision: string): Named {
  return { status: "named", origin: { kind: "hub", baseUrl, repository, revision } };
}

/** The hub that an address belongs to: the one of the settings, or the host itself. */
function hubOf(url: URL, hubUrl: string): string {
  const address = url.origin + url.pathname;
  if (address.startsWith(`${hubUrl}/`)) return hubUrl;
  return isSite(url, "hf.co") ? "https://huggingface.co" : url.origin;
}

function segmentsAfter(url: URL, base: string): readonly string[] {
  const address = url.origin + url.pathname;
  const path = address.startsWith(`${base}/`) ? address.slice(base.length) : url.pathname;
  return path.split("/").filter((segment) => segment !== "");
}

function isSite({ hostname }: URL, site: string): boolean {
  return hostname === site || hostname.endsWith(`.${site}`);
}

function isRelative(repository: string): boolean {
  return repository.split("/").some((part) => /^\.+$/.test(part));
}

function withoutHash(url: URL): string {
  return url.href.slice(0, url.href.length - url.hash.length);
}

/** A revision with a slash in it stands encoded in an address. */
function decoded(segment: string): string {
  return segment.replaceAll(/%2F/gi, "/");
}

function orMain(revision: string): string {
  return revision.trim() === "" ? "main" : revision.trim();
}

function unclear(problem: string): Named {
  return { status: "unclear", problem };
}

/** An origin in a few words, and where a person can look at it. */
export function originText(origin: ModelOrigin): { readonly text: string; readonly url: string } {
  if (origin.kind === "url") return { text: new URL(origin.url).hostname, url: origin.url };
  const { baseUrl, repository, revision } = origin;
  const isMain = revision === "main";
  return {
    text: isMain ? repository : `${repository} at ${revision.slice(0, 12)}`,
    url: isMain ? `${baseUrl}/${repository}` : `${baseUrl}/${repository}/tree/${revision}`,
  };
}
