/** A host for the built site, inside the test: it can leave headers out, change a file, count requests, and go away. */

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { SITE_HEADERS } from "./headers";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/** The file that a host finds under a path: a page may be asked for without its ending. */
function nameOf(path: string): string {
  if (path === "") return "index.html";
  return extname(path) === "" ? `${path}.html` : path;
}

/** The kind of host. */
export interface SiteOptions {
  /** Folder of the build. */
  readonly folder: string;
  /** Whether it sends the headers that `_headers` asks for. */
  readonly withHeaders: boolean;
  /** Where the site lies on the host, "/" at both ends. */
  readonly base: string;
}

/** A running host. */
export class Site {
  readonly #server: Server;
  readonly #options: SiteOptions;
  /** Files by path in the site that are served otherwise than on disk. */
  readonly changed = new Map<string, (body: Buffer) => Buffer>();
  /** Paths in the site, in the order in which they were asked for. */
  readonly requested: string[] = [];
  #held: { name: RegExp; until: Promise<void> } | null = null;

  private constructor(options: SiteOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      void this.#file(request.url ?? "/").then(({ status, type, body }) => {
        const headers = options.withHeaders ? SITE_HEADERS : {};
        response.writeHead(status, { ...headers, "Content-Type": type, "Cache-Control": "no-cache" });
        response.end(body);
      });
    });
  }

  static async start(options: SiteOptions): Promise<Site> {
    const site = new Site(options);
    await new Promise<void>((listening) => site.#server.listen(0, "127.0.0.1", listening));
    return site;
  }

  /** Of the build. */
  get folder(): string {
    return this.#options.folder;
  }

  /** Address of the page. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#options.base}`;
  }

  /** Answers nothing for files of that name until the returned function is called. */
  hold(name: RegExp): () => void {
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#held = { name, until };
    return release;
  }

  /** Ends every connection and listens no more. Stopping twice is harmless. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }

  async #file(url: string): Promise<{ status: number; type: string; body: Buffer }> {
    const { folder, base } = this.#options;
    const missing = { status: 404, type: "text/plain", body: Buffer.from("not found") };
    const path = normalize(decodeURI(url.split("?")[0] ?? "/"));
    if (!path.startsWith(base)) return missing;
    const name = nameOf(path.slice(base.length));
    this.requested.push(name);
    if (this.#held?.name.test(name)) await this.#held.until;
    const change = this.changed.get(name) ?? ((body: Buffer) => body);
    return readFile(join(folder, name)).then(
      (body) => ({
        status: 200,
        type: TYPES[extname(name)] ?? "application/octet-stream",
        body: change(body),
      }),
      () => missing,
    );
  }
}
