/** A host of files, of another origin than the page, that misbehaves on demand: by path, and by how often it was asked. */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** The oddities of one answer; none of them: a good host. */
export interface Quirks {
  /** Answers with this status and no file. */
  readonly status?: number;
  readonly retryAfter?: string;
  /** A web page instead of the file, as from a network that asks to sign in. */
  readonly page?: boolean;
  /** Sends the browser to that address. */
  readonly redirectTo?: string;
  /** Always sends the whole file. */
  readonly ignoresRange?: boolean;
  /** Sends a part even if the If-Range names another file. */
  readonly ignoresIfRange?: boolean;
  /** Lies about which part it sends, or null to say nothing. */
  readonly contentRange?: string | null;
  /** Null for a host that names none. */
  readonly etag?: string | null;
  /** Another file under the same address. */
  readonly body?: Buffer;
  /** One bit of this byte is turned round. */
  readonly flipAt?: number;
  /** Breaks the connection before this byte. */
  readonly cutAt?: number;
  /** Ends the answer properly before this byte, as if that were all. */
  readonly endAt?: number;
  /** Sends nothing any more from this byte on, and keeps the connection. */
  readonly stallAt?: number;
  /** Milliseconds between pieces of 4 KiB. */
  readonly dripMs?: number;
  /** Packed in transit, so that the lengths are those of something else. */
  readonly isPacked?: boolean;
  /** Says no when a browser asks whether it may send If-Range. */
  readonly refusesPreflight?: boolean;
  /** Shows other sites no header that browsers do not show anyway. */
  readonly hidesHeaders?: boolean;
}

/** One request for a file, as it came. */
export interface Seen {
  readonly path: string;
  readonly range: string | null;
  readonly ifRange: string | null;
}

interface Served {
  readonly body: Buffer;
  quirks: (time: number) => Quirks;
  times: number;
}

const PIECE_BYTES = 4096;
const CUT_AFTER_MS = 50;

/** A running host. */
export class FaultyServer {
  readonly #files = new Map<string, Served>();
  #server: Server | null = null;
  #port = 0;
  /** Requests for files, oldest first. */
  readonly seen: Seen[] = [];

  /** Starting again listens where it did before. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((listening) => server.listen(this.#port, "127.0.0.1", listening));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Breaks every connection and listens no more. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((closed) => (server === null ? closed() : server.close(() => closed())));
  }

  /** @param quirks of the answer to the first, second, … request for this file. @returns its address. */
  serve(path: string, body: Buffer, quirks: (time: number) => Quirks = () => ({})): string {
    this.#files.set(path, { body, quirks, times: 0 });
    return `http://127.0.0.1:${this.#port}/${path}`;
  }

  /** How often the file was asked for. */
  timesAsked(path: string): number {
    return this.seen.filter((each) => each.path === path).length;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").slice(1);
    const file = this.#files.get(path);
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (file === undefined) return void response.writeHead(404).end();
    if (request.method === "OPTIONS") {
      const isRefused = file.quirks(file.times + 1).refusesPreflight === true;
      if (!isRefused) response.setHeader("Access-Control-Allow-Headers", "Range, If-Range");
      return void response.writeHead(isRefused ? 403 : 204).end();
    }
    const range = request.headers.range ?? null;
    const ifRange = request.headers["if-range"] ?? null;
    this.seen.push({ path, range, ifRange: typeof ifRange === "string" ? ifRange : null });
    file.times++;
    const quirks = file.quirks(file.times);
    if (quirks.hidesHeaders !== true) {
      response.setHeader("Access-Control-Expose-Headers", "ETag, Content-Range, Accept-Ranges, Retry-After");
    }
    if (!answeredOtherwise(response, quirks)) await sendFile(request, response, file.body, quirks);
  }
}

/** Answers that hold no part of the file. */
function answeredOtherwise(response: ServerResponse, quirks: Quirks): boolean {
  if (quirks.retryAfter !== undefined) response.setHeader("Retry-After", quirks.retryAfter);
  if (quirks.status !== undefined) response.writeHead(quirks.status).end();
  else if (quirks.redirectTo !== undefined) response.writeHead(302, { Location: quirks.redirectTo }).end();
  else if (quirks.page === true) {
    response
      .writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
      .end("<h1>Welcome to the hotel</h1>");
  } else return false;
  return true;
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  original: Buffer,
  quirks: Quirks,
): Promise<void> {
  const body = quirks.body ?? original;
  const etag =
    quirks.etag === undefined
      ? `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`
      : quirks.etag;
  if (etag !== null) response.setHeader("ETag", etag);
  response.setHeader("Content-Type", "application/octet-stream");
  const first = rangeStart(request, etag, quirks);
  if (first !== null && first >= body.length) {
    response.writeHead(416, { "Content-Range": `bytes */${body.length}` }).end();
  } else if (quirks.isPacked === true) {
    sendPacked(response, body);
  } else {
    sendHead(response, first, body.length, quirks);
    await sendPieces(response, first ?? 0, body, quirks);
  }
}

function sendHead(response: ServerResponse, first: number | null, length: number, quirks: Quirks): void {
  const said =
    quirks.contentRange === undefined ? `bytes ${first}-${length - 1}/${length}` : quirks.contentRange;
  if (first !== null && said !== null) response.setHeader("Content-Range", said);
  // Without a length an answer that ends early looks like a whole one.
  if (quirks.endAt === undefined) response.setHeader("Content-Length", length - (first ?? 0));
  response.writeHead(first === null ? 200 : 206);
}

function rangeStart(request: IncomingMessage, etag: string | null, quirks: Quirks): number | null {
  const [, digits] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
  if (digits === undefined || quirks.ignoresRange === true) return null;
  const wanted = request.headers["if-range"];
  if (wanted !== undefined && wanted !== etag && quirks.ignoresIfRange !== true) return null;
  return Number(digits);
}

function sendPacked(response: ServerResponse, body: Buffer): void {
  const packed = gzipSync(body);
  response.writeHead(200, { "Content-Encoding": "gzip", "Content-Length": packed.length }).end(packed);
}

async function sendPieces(
  response: ServerResponse,
  begin: number,
  body: Buffer,
  quirks: Quirks,
): Promise<void> {
  const { cutAt, stallAt, flipAt, endAt, dripMs = 0 } = quirks;
  const bytes = Buffer.from(body);
  if (flipAt !== undefined) bytes.writeUInt8(bytes.readUInt8(flipAt) ^ 1, flipAt);
  const end = Math.min(cutAt ?? bytes.length, stallAt ?? bytes.length, endAt ?? bytes.length);
  for (let at = begin; at < end && !response.destroyed; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, Math.min(at + PIECE_BYTES, end));
    await new Promise<void>((sent) => response.write(piece, () => sent()));
    await new Promise((slept) => setTimeout(slept, dripMs));
  }
  if (stallAt !== undefined) return;
  if (cutAt === undefined) return void response.end();
  // The sent bytes have to arrive first: a browser throws away what it has not read when a connection breaks.
  await new Promise((slept) => setTimeout(slept, CUT_AFTER_MS));
  response.destroy();
}
