/** Files on a disk as Blobs of any size. Node 20's own `openAsBlob` counts bytes in 32 bits, and checkpoints exceed 4 GiB. */

import { closeSync, openSync, readSync, statSync } from "node:fs";

const CHUNK_BYTES = 2 ** 20;

/** A byte range of a file. Bytes are read when they are asked for, synchronously. */
export class DiskFile extends Blob {
  override readonly size: number;
  readonly #path: string;
  readonly #begin: number;

  /** @param end first byte after the range. @throws if there is no such file. */
  constructor(path: string, begin = 0, end = statSync(path).size) {
    super();
    this.#path = path;
    this.#begin = begin;
    this.size = end - begin;
  }

  /** The bytes from `begin` to `end` of this range; fewer if the file has become shorter. */
  read(begin: number, end: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(end - begin);
    const file = openSync(this.#path, "r");
    try {
      let done = 0;
      for (let read = -1; read !== 0 && done < bytes.length; done += read)
        read = readSync(file, bytes, done, bytes.length - done, this.#begin + begin + done);
      return bytes.subarray(0, done);
    } finally {
      closeSync(file);
    }
  }

  override slice(begin = 0, end = this.size): Blob {
    const within = (position: number) =>
      Math.min(Math.max(position < 0 ? this.size + position : position, 0), this.size);
    const first = within(begin);
    return new DiskFile(this.#path, this.#begin + first, this.#begin + Math.max(within(end), first));
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = this.read(0, this.size);
    return bytes.buffer.slice(0, bytes.length);
  }

  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.read(0, this.size);
  }

  override async text(): Promise<string> {
    return new TextDecoder().decode(this.read(0, this.size));
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    let done = 0;
    return new ReadableStream({
      pull: (controller) => {
        if (done === this.size) return controller.close();
        const next = Math.min(done + CHUNK_BYTES, this.size);
        controller.enqueue(this.read(done, next));
        done = next;
      },
    });
  }
}
