/** Judges an answer to a request for the bytes from an offset on, by its headers alone. */

import { Failure } from "../../../core/failure";
import { parseContentRange } from "./contentRange";
import { parseRetryAfter } from "./retry";

/** The request. */
export interface Asked {
  readonly path: string;
  /** 0: the whole file, without a range. */
  readonly fromByte: number;
  readonly sizeBytes: number;
  /** The entity tag or date of the part that is here; null if unknown. */
  readonly validator: string | null;
  /** Whether the host was told to send the rest only if the file is still that one. */
  readonly sentIfRange: boolean;
  /** Whether the bytes are checked against a published hash at the end. */
  readonly hasPublishedHash: boolean;
}

export type Reading =
  /** The body begins at this byte of the file. */
  | { readonly kind: "body"; readonly fromByte: number }
  /** The part that is here cannot be continued so: ask for the whole file. */
  | { readonly kind: "whole"; readonly why: string }
  /** Not now; perhaps after a while. */
  | { readonly kind: "later"; readonly why: string; readonly askedMs: number | null }
  | { readonly kind: "refused"; readonly failure: Failure };

/** The overhead of packing a file that cannot be made smaller, beside a share of its size. */
const PACKING_BYTES = 1024;

/** Answers that another try may turn into a better one. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** @param nowMs since 1970, UTC, for hosts that name a date. */
export function readReply(
  { status, headers }: Pick<Response, "status" | "headers">,
  asked: Asked,
  nowMs: number,
): Reading {
  if (PASSING.has(status)) {
    const askedMs = parseRetryAfter(headers.get("Retry-After"), nowMs);
    return { kind: "later", why: `the host answered ${status}`, askedMs };
  }
  if (status === 416) return readUnsatisfied(headers, asked);
  if (status !== 200 && status !== 206) return { kind: "refused", failure: refusal(status, asked.path) };
  if (isPage(headers) && !/\.html?$/.test(asked.path)) {
    return refused(
      `${asked.path}: wanted model data, and a web page came, as when a network asks to sign in first; sign in, then try again.`,
    );
  }
  return status === 206 ? readPart(headers, asked) : readWhole(headers, asked);
}

/** The validator that a later If-Range can name: a strong ETag, else a date; null if the host gave neither. */
export function validatorOf(headers: Headers): string | null {
  const etag = headers.get("ETag");
  if (etag?.startsWith('"')) return etag;
  return headers.get("Last-Modified");
}

function readWhole(headers: Headers, asked: Asked): Reading {
  const length = lengthOf(headers);
  // A host may pack a file in transit and hide from other sites that it does: then it is shorter, or hardly longer.
  const longest = asked.sizeBytes + Math.ceil(asked.sizeBytes / 100) + PACKING_BYTES;
  if (length !== null && length > longest) return changed(length, asked);
  return { kind: "body", fromByte: 0 };
}

function readPart(headers: Headers, asked: Asked): Reading {
  const doubt = doubtOf(headers, asked);
  if (doubt !== null) return { kind: "whole", why: doubt };
  const body: Reading = { kind: "body", fromByte: asked.fromByte };
  if (!headers.has("Content-Range")) {
    // Hosts may hide this header from other sites, but never the length.
    const isRest = lengthOf(headers) === asked.sizeBytes - asked.fromByte && asked.hasPublishedHash;
    return isRest ? body : { kind: "whole", why: "the host did not say which part it sent" };
  }
  const said = parseContentRange(headers.get("Content-Range"));
  if (said?.range?.first !== asked.fromByte) {
    return { kind: "whole", why: "the host sent another part than was asked for" };
  }
  if (said.totalBytes !== null && said.totalBytes !== asked.sizeBytes) return changed(said.totalBytes, asked);
  return body;
}

/** Why a part cannot be put behind what is here; null if it can, as far as its other headers say. */
function doubtOf(
  headers: Headers,
  { fromByte, validator, sentIfRange, hasPublishedHash }: Asked,
): string | null {
  if (fromByte === 0) return "the host sent a part where the whole was asked for";
  if (!isPlain(headers)) return "the host sent a part of something packed";
  const came = validatorOf(headers);
  if (came !== null && validator !== null && came !== validator) return "the file has changed at the host";
  const isVouchedFor = sentIfRange || hasPublishedHash || came !== null;
  return isVouchedFor ? null : "the file may have changed at the host";
}

/** "Range not satisfiable": the file there ends before the byte that was asked for, or the host is confused. */
function readUnsatisfied(headers: Headers, asked: Asked): Reading {
  const totalBytes = parseContentRange(headers.get("Content-Range"))?.totalBytes ?? null;
  if (totalBytes !== null && totalBytes !== asked.sizeBytes) return changed(totalBytes, asked);
  return { kind: "whole", why: "the host would not continue the file" };
}

function changed(sizeBytes: number, asked: Asked): Reading {
  return refused(
    `${asked.path}: wanted ${asked.sizeBytes} bytes, and the host now has a file of ${sizeBytes}; it was changed there. Look the model up again, then fetch it.`,
  );
}

function refusal(status: number, path: string): Failure {
  const hint =
    status === 401 || status === 403
      ? "it wants an account, or a licence to be accepted there first; fetch the file with another program and import it."
      : status === 404 || status === 410
        ? "the file is not there any more; look the model up again."
        : "try again later.";
  return new Failure("model-missing", `${path}: wanted the file, and the host answered ${status}: ${hint}`);
}

function refused(sentence: string): Reading {
  return { kind: "refused", failure: new Failure("model-missing", sentence) };
}

function isPage(headers: Headers): boolean {
  return /^\s*(text\/html|application\/xhtml)/i.test(headers.get("Content-Type") ?? "");
}

/** False if it says that it is packed; hosts may hide that from other sites. */
function isPlain(headers: Headers): boolean {
  const encoding = headers.get("Content-Encoding")?.trim().toLowerCase() ?? "";
  return encoding === "" || encoding === "identity";
}

function lengthOf(headers: Headers): number | null {
  const header = headers.get("Content-Length");
  const length = header === null ? Number.NaN : Number(header);
  return Number.isSafeInteger(length) && length >= 0 ? length : null;
}
