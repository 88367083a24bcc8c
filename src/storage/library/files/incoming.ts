/** A file on its way in: what is written of it, hashed, and so far certain that a killed tab cannot undo it. */

import { type FileRecord, NOTHING } from "../records";
import type { Folder } from "./folder";
import { chunksOf, RunningHash } from "./hashing";
import { storageFailure } from "./storageFailure";
import { findFlaw } from "./structure";
import { openWriter, type Writer } from "./writer";

/** Where a file comes in, and who is told. */
export interface Target {
  readonly folder: Folder;
  /** So many bytes are written and hashed before their number is recorded. */
  readonly chunkBytes: number;
  sleep(ms: number): Promise<void>;
  /** Resolves once the change is on disk. */
  record(path: string, changes: Partial<FileRecord>): Promise<void>;
  /** Told while the part that is already here is read again. @throws {Failure} "cancelled". */
  reread(path: string, bytes: number, doneBytes: number): void;
}

/** A file that grows at its end. Whoever opens it closes it. */
export class IncomingFile {
  readonly #place: Target;
  readonly #hash: RunningHash;
  #file: FileRecord;
  #doneBytes = 0;
  /** Null until something is written, and once the file is whole. */
  #writer: Writer | null = null;

  private constructor(target: Target, file: FileRecord, hash: RunningHash) {
    this.#place = target;
    this.#file = file;
    this.#hash = hash;
  }

  /** Opens it where it was left: what is there counts only if it still has the hash that was recorded for it. */
  static async open(target: Target, file: FileRecord): Promise<IncomingFile> {
    const hash = await RunningHash.start();
    const isSound = file.doneBytes > 0 && (await isAsRecorded(target, file, hash));
    const incoming = new IncomingFile(target, file, hash);
    if (isSound) incoming.#doneBytes = file.doneBytes;
    else await incoming.restart();
    return incoming;
  }

  /** Bytes that are written and hashed. */
  get doneBytes(): number {
    return this.#doneBytes;
  }

  get file(): FileRecord {
    return this.#file;
  }

  /** @throws {Failure} "storage-full". What was recorded before stays good. */
  async append(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#store(async (writer) => {
      await writer.write(bytes, this.#doneBytes);
      this.#hash.update(bytes);
      this.#doneBytes += bytes.length;
      if (this.#doneBytes - this.#file.doneBytes >= writer.flushBytes) await this.#keep(writer);
    });
  }

  /** Records what is here. */
  async keep(): Promise<void> {
    if (this.#doneBytes !== this.#file.doneBytes) await this.#store((writer) => this.#keep(writer));
  }

  /** Forgets everything, on record first, and begins anew. */
  async restart(): Promise<void> {
    await this.#store(async (writer) => {
      await this.#record(NOTHING);
      await writer.truncate(0);
      this.#hash.restart();
      this.#doneBytes = 0;
    });
  }

  /** Remembers by what its rest can be asked for. */
  async comesAs(validator: string | null): Promise<void> {
    if (validator !== this.#file.validator) await this.#store(() => this.#record({ validator }));
  }

  /**
   * Checks the whole file and records that it is whole.
   *
   * @returns what is wrong with it, as the end of a sentence that begins with its name; null if nothing is.
   */
  async finish(): Promise<string | null> {
    const { path, sizeBytes, publishedSha256 } = this.#file;
    const sha256 = this.#hash.digest();
    if (publishedSha256 !== null && sha256 !== publishedSha256) {
      return `has the SHA-256 ${sha256} and not the published ${publishedSha256}`;
    }
    await this.#store(async (writer) => {
      await writer.truncate(sizeBytes); // what an earlier attempt may have left behind the end
      await writer.flush();
    });
    await this.close();
    const written = await this.#place.folder.open(path);
    if (written?.size !== sizeBytes) return `has ${written?.size ?? 0} bytes on disk and not ${sizeBytes}`;
    const flaw = await findFlaw(path, written);
    if (flaw === null) await this.#record({ state: "whole", doneBytes: sizeBytes, sha256 });
    return flaw;
  }

  /** Closing twice is harmless. */
  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.close();
  }

  async #store(act: (writer: Writer) => Promise<void>): Promise<void> {
    const { folder, chunkBytes, sleep } = this.#place;
    try {
      this.#writer ??= await openWriter(await folder.create(this.#file.path), chunkBytes, sleep);
      await act(this.#writer);
    } catch (error) {
      throw storageFailure(error, this.#file.path);
    }
  }

  /** Flushed first, then recorded: the other way round a crash could leave a record of bytes that never were. */
  async #keep(writer: Writer): Promise<void> {
    await writer.flush();
    await this.#record({ doneBytes: this.#doneBytes, sha256: this.#hash.digest() });
  }

  async #record(changes: Partial<FileRecord>): Promise<void> {
    await this.#place.record(this.#file.path, changes);
    this.#file = { ...this.#file, ...changes };
  }
}

/** Reads what is there again; afterwards `hash` stands at its end. */
async function isAsRecorded(target: Target, file: FileRecord, hash: RunningHash): Promise<boolean> {
  const written = await target.folder.open(file.path);
  if (written === null || written.size < file.doneBytes || file.doneBytes > file.sizeBytes) return false;
  let doneBytes = 0;
  for await (const chunk of chunksOf(written.slice(0, file.doneBytes), target.chunkBytes)) {
    hash.update(chunk);
    doneBytes += chunk.length;
    target.reread(file.path, chunk.length, doneBytes);
  }
  return hash.digest() === file.sha256;
}
