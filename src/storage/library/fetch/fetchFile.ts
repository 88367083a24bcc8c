/** Fetches one file to its end, whatever the network does meanwhile. */

import { Failure } from "../../../core/failure";
import type { IncomingFile } from "../files/incoming";
import { inWords } from "../files/quota";
import type { FileRecord } from "../records";
import { type Asked, readReply, validatorOf } from "./reply";
import { type RetryPolicy, waitBeforeRetry } from "./retry";

/** The world outside, so that tests can have another. */
export interface Network {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Milliseconds since 1970, UTC. */
  wallClock(): number;
  /** Rejects with the signal's reason once it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  readonly retry: RetryPolicy;
  /** After so long without a byte a connection is given up. */
  readonly stallMs: number;
}

/** The whole file is fetched so many times before its bytes count as wrong at the host itself. */
const FETCHES_MAX = 3;

/** How one request ended. */
type Outcome =
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly why: string; readonly askedMs: number | null };

/** The facts learnt about the host. */
interface Manners {
  /** Browsers ask a host before they send If-Range to another site, and some hosts say no. */
  sendsIfRange: boolean;
  ranges: boolean;
}

/**
 * Fetches the rest of the file, checks the whole, and records it as whole.
 *
 * @param onBytes told how many bytes have just come.
 * @throws {Failure} "cancelled", "model-missing" if the host does not give the file, "model-corrupt" if it gives another,
 * "storage-full". What had come by then stays, and is continued the next time.
 */
export async function fetchFile(
  incoming: IncomingFile,
  network: Network,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  for (let fetches = 1; ; fetches++) {
    await fetchBytes(incoming, network, signal, onBytes);
    const flaw = await incoming.finish();
    if (flaw === null) return;
    await incoming.restart();
    if (fetches === FETCHES_MAX) {
      throw new Failure(
        "model-corrupt",
        `${incoming.file.path} ${flaw}, and that ${fetches} times; the file is damaged where it comes from. Nothing of it was kept.`,
      );
    }
  }
}

async function fetchBytes(
  incoming: IncomingFile,
  network: Network,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { path, sizeBytes } = incoming.file;
  const manners: Manners = { sendsIfRange: true, ranges: true };
  let failures = 0;
  let furthest = incoming.doneBytes;
  while (incoming.doneBytes < sizeBytes) {
    const outcome = await attempt(incoming, network, manners, signal, onBytes);
    if (outcome.kind === "ended") return;
    if (incoming.doneBytes > furthest) failures = 0;
    furthest = Math.max(furthest, incoming.doneBytes);
    const waitMs = waitBeforeRetry(++failures, outcome.askedMs, network.retry);
    if (waitMs === null) {
      await incoming.keep();
      throw new Failure(
        "model-missing",
        `${path}: ${outcome.why}, after ${inWords(incoming.doneBytes)} of ${inWords(sizeBytes)}. What came is kept; try again and it goes on from there.`,
      );
    }
    await network.sleep(waitMs, signal).catch((error: unknown) => stopped(incoming, error));
  }
}

/** One request, until its body or the connection ends. Throws only what no other try could mend. */
async function attempt(
  incoming: IncomingFile,
  network: Network,
  manners: Manners,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Outcome> {
  const guard = new StallGuard(network, signal);
  try {
    return await request(incoming, network, manners, guard, onBytes);
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (signal.aborted) return stopped(incoming, error);
    if (guard.hasStalled) return failed("nothing came any more");
    return failed("the connection broke or the host cannot be reached");
  } finally {
    guard.end();
  }
}

async function request(
  incoming: IncomingFile,
  network: Network,
  manners: Manners,
  guard: StallGuard,
  onBytes: (bytes: number) => void,
): Promise<Outcome> {
  const { init, asked } = await ask(incoming, manners);
  const url = incoming.file.url ?? "";
  const response = await network.fetch(url, { ...init, signal: guard.signal }).catch((error: unknown) => {
    // Refused before it was sent, for all we can see: perhaps it is let through the other way.
    if (asked.fromByte > 0) manners.sendsIfRange = !asked.sentIfRange;
    throw error;
  });
  const reading = readReply(response, asked, network.wallClock());
  switch (reading.kind) {
    case "refused":
      throw reading.failure;
    case "later":
      return failed(reading.why, reading.askedMs);
    case "whole":
      manners.ranges = false;
      return failed(reading.why);
    case "body":
      if (reading.fromByte !== incoming.doneBytes) await incoming.restart();
      if (reading.fromByte === 0) await incoming.comesAs(validatorOf(response.headers));
      return drain(response, incoming, guard, onBytes);
  }
}

const failed = (why: string, askedMs: number | null = null): Outcome => ({ kind: "failed", why, askedMs });

async function ask(incoming: IncomingFile, manners: Manners): Promise<{ init: RequestInit; asked: Asked }> {
  const { path, sizeBytes, validator, publishedSha256 } = incoming.file;
  const hasPublishedHash = publishedSha256 !== null;
  // With neither, the rest of another file could be put behind the beginning of this one.
  const isSafe = validator !== null || hasPublishedHash;
  if (incoming.doneBytes > 0 && !(isSafe && manners.ranges)) await incoming.restart();
  const fromByte = incoming.doneBytes;
  const sentIfRange = fromByte > 0 && validator !== null && manners.sendsIfRange;
  const headers = {
    ...(fromByte > 0 && { Range: `bytes=${fromByte}-` }),
    ...(sentIfRange && { "If-Range": validator }),
  };
  return {
    init: { headers, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" },
    asked: { path, fromByte, sizeBytes, validator, sentIfRange, hasPublishedHash },
  };
}

/** Safari's streams cannot be iterated yet, so a reader it is. */
async function drain(
  response: Response,
  incoming: IncomingFile,
  guard: StallGuard,
  onBytes: (bytes: number) => void,
): Promise<Outcome> {
  const { sizeBytes } = incoming.file;
  const reader = response.body?.getReader();
  if (reader === undefined) return failed("the answer was empty");
  try {
    for (;;) {
      const { done, value } = await guard.watch(reader.read());
      if (done) break;
      const bytes = value.subarray(0, sizeBytes - incoming.doneBytes);
      await incoming.append(bytes);
      onBytes(bytes.length);
      if (bytes.length < value.length) {
        await incoming.restart();
        throw overlong(incoming.file);
      }
    }
  } finally {
    reader.cancel().catch(() => undefined); // it may have failed already, and then there is nothing to cancel
  }
  if (incoming.doneBytes === sizeBytes) return { kind: "ended" };
  return failed("the host ended the file too early");
}

function overlong({ path, sizeBytes }: FileRecord): Failure {
  return new Failure(
    "model-missing",
    `${path}: more than the announced ${sizeBytes} bytes came; the file was changed at the host, or is packed on the way. Look the model up again, then fetch it.`,
  );
}

/** Keeps what came, and says that it was stopped. */
async function stopped(incoming: IncomingFile, cause: unknown): Promise<never> {
  await incoming.keep();
  throw new Failure(
    "cancelled",
    `Stopped after ${inWords(incoming.doneBytes)} of ${incoming.file.path}; what came is kept.`,
    { cause },
  );
}

/** Ends a request that waits too long for a byte; the time that writing takes does not count. */
class StallGuard {
  readonly #network: Network;
  readonly #abort = new AbortController();
  readonly #outer: AbortSignal;
  readonly #pass = () => this.#abort.abort(this.#outer.reason);
  #timer = new AbortController();
  hasStalled = false;

  constructor(network: Network, signal: AbortSignal) {
    this.#network = network;
    this.#outer = signal;
    signal.addEventListener("abort", this.#pass, { once: true });
    if (signal.aborted) this.#pass();
    this.#start();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  async watch<T>(waiting: Promise<T>): Promise<T> {
    this.#start();
    try {
      return await waiting;
    } finally {
      this.#timer.abort();
    }
  }

  /** Also ends a request whose body nobody wanted. */
  end(): void {
    this.#timer.abort();
    this.#abort.abort();
    this.#outer.removeEventListener("abort", this.#pass);
  }

  #start(): void {
    this.#timer.abort();
    const timer = new AbortController();
    this.#timer = timer;
    const { stallMs, sleep } = this.#network;
    const expire = () => {
      this.hasStalled = true;
      this.#abort.abort();
    };
    void sleep(stallMs, timer.signal).then(expire, () => undefined); // rejected when a byte came in time
  }
}
