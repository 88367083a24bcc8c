/** A hub for tests: one repository, `owner/name`, and the questions that it was asked. */

import type { ModelOrigin } from "../../protocol/library";

export const BASE = "https://hub.example";
export const SHA = "a".repeat(64);
export const COMMIT = "c".repeat(40);

interface File {
  readonly size: number;
  readonly sha256?: string;
  readonly body?: unknown;
}
export type Files = Record<string, File>;

export interface Manners {
  /** Answers the question for all files. */
  readonly lists?: boolean;
  readonly info?: Record<string, unknown>;
  /** Instead of an answer, whatever is asked. */
  readonly always?: () => Response;
  readonly heads?: boolean;
}

/** A hub with one repository, `owner/name`, and the questions that it was asked. */
export function hub(files: Files, { lists = true, info = {}, always, heads = true }: Manners = {}) {
  const asked: string[] = [];
  const fetch = async (url: string, init: RequestInit = {}) => {
    asked.push(`${init.method ?? "GET"} ${url.slice(BASE.length)}`);
    if (always) return always();
    if (url.startsWith(`${BASE}/api/`)) return lists ? Response.json(listing(files, info)) : notFound();
    const file = files[decodeURIComponent(/\/resolve\/[^/]+\/(.*)$/.exec(url)?.[1] ?? "")];
    return file ? answer(file, init, heads) : notFound();
  };
  return { fetch, asked };
}

function answer(file: File, { method, headers }: RequestInit, heads: boolean): Response {
  if (method === "HEAD") return heads ? head(file) : new Response(null, { status: 405 });
  if (new Headers(headers).has("Range"))
    return new Response("x", { status: 206, headers: { "Content-Range": `bytes 0-0/${file.size}` } });
  return Response.json(file.body ?? {});
}

const notFound = () => new Response("not found", { status: 404 });

function head({ size, sha256 }: File): Response {
  const headers = new Headers({ "Content-Length": String(size) });
  if (sha256) {
    headers.set("Content-Length", "1200");
    headers.set("X-Linked-Size", String(size));
    headers.set("X-Linked-ETag", `"${sha256}"`);
  }
  return new Response(null, { headers });
}

function listing(files: Files, info: Record<string, unknown>) {
  const siblings = Object.entries(files).map(([rfilename, { size, sha256 }]) => ({
    rfilename,
    size,
    ...(sha256 && { lfs: { sha256, size, pointerSize: 134 } }),
  }));
  return { sha: COMMIT, gated: false, cardData: { license: "openrail++" }, siblings, ...info };
}

export const origin = (changes = {}) =>
  ({ kind: "hub", baseUrl: BASE, repository: "owner/name", revision: "main", ...changes }) as ModelOrigin;

export const INDEX = {
  _class_name: "StableDiffusionPipeline",
  safety_checker: ["stable_diffusion", "StableDiffusionSafetyChecker"],
  scheduler: ["diffusers", "PNDMScheduler"],
  text_encoder: ["transformers", "CLIPTextModel"],
  tokenizer: ["transformers", "CLIPTokenizer"],
  unet: ["diffusers", "UNet2DConditionModel"],
  vae: ["diffusers", "AutoencoderKL"],
};
export const CONFIG_FILES: Files = {
  "model_index.json": { size: 500, body: INDEX },
  "scheduler/scheduler_config.json": { size: 300 },
  "tokenizer/vocab.json": { size: 1_059_962 },
  "tokenizer/merges.txt": { size: 524_619 },
  "tokenizer/tokenizer_config.json": { size: 800 },
  "tokenizer/special_tokens_map.json": { size: 472 },
  "text_encoder/config.json": { size: 617 },
  "unet/config.json": { size: 743 },
  "vae/config.json": { size: 547 },
};
export const weights = (variant: string, size: number): Files => ({
  [`text_encoder/model${variant}.safetensors`]: { size, sha256: SHA },
  [`unet/diffusion_pytorch_model${variant}.safetensors`]: { size, sha256: SHA },
  [`vae/diffusion_pytorch_model${variant}.safetensors`]: { size, sha256: SHA },
});
const REST: Files = {
  "README.md": { size: 14_461 },
  "v1-5-pruned.ckpt": { size: 7e9, sha256: SHA },
  "v1-5-pruned.safetensors": { size: 7e9, sha256: SHA },
  "safety_checker/model.fp16.safetensors": { size: 6e8, sha256: SHA },
  "unet/diffusion_pytorch_model.fp16.bin": { size: 2e9, sha256: SHA },
  "unet/diffusion_pytorch_model.non_ema.safetensors": { size: 3e9, sha256: SHA },
};
export const SD: Files = { ...CONFIG_FILES, ...weights("", 200), ...weights(".fp16", 100), ...REST };
export const WANTED = [...Object.keys(CONFIG_FILES), ...Object.keys(weights(".fp16", 100))].sort();
