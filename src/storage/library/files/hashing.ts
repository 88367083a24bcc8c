/** SHA-256 as the bytes come by. `crypto.subtle` wants all of them at once. */

import { createSHA256, type IHasher, sha256 } from "hash-wasm";

/** SHA-256 of a stream, in hex, at any point of it. */
export class RunningHash {
  readonly #hasher: IHasher;

  private constructor(hasher: IHasher) {
    this.#hasher = hasher;
  }

  static async start(): Promise<RunningHash> {
    return new RunningHash((await createSHA256()).init());
  }

  update(bytes: Uint8Array): void {
    this.#hasher.update(bytes);
  }

  /** Hex of the bytes so far; more may follow. */
  digest(): string {
    const state = this.#hasher.save();
    const hex = this.#hasher.digest();
    this.#hasher.load(state);
    return hex;
  }

  restart(): void {
    this.#hasher.init();
  }
}

/** Hex, of a short text. */
export function hashOf(text: string): Promise<string> {
  return sha256(text);
}

/** The blob's bytes, one chunk after the other, so that no more than one is in memory. */
export async function* chunksOf(blob: Blob, chunkBytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < blob.size; at += chunkBytes) {
    yield new Uint8Array(await blob.slice(at, at + chunkBytes).arrayBuffer());
  }
}
