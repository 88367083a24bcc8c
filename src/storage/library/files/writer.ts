/** Writes a file of the origin's private file system in place, at any offset, and knows when the bytes are really there. */

import { storageFailure } from "./storageFailure";

/** An open file; one at a time per file. */
export interface Writer {
  readonly sizeBytes: number;
  /** So many bytes at least are worth a flush. */
  readonly flushBytes: number;
  /** @throws {Failure} "storage-full". */
  write(bytes: Uint8Array<ArrayBuffer>, atByte: number): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  /** Resolves once everything written would survive the end of the tab. */
  flush(): Promise<void>;
  /** Closing twice is harmless. */
  close(): Promise<void>;
}

/** The methods of `FileSystemSyncAccessHandle` that we use. Only workers have it. */
interface SyncHandle {
  getSize(): number;
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  truncate(sizeBytes: number): void;
  flush(): void;
  close(): void;
}
type SyncFile = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncHandle> };

/** A tab that was killed holds its file for a moment longer. */
const HELD_TRIES = 50;
const HELD_WAIT_MS = 100;
/** Without in-place access every flush copies the whole file: so many chunks are worth one. */
const CHUNKS_PER_COPY = 32;

/** @param chunkBytes how many bytes are worth a flush where flushing is cheap. */
export async function openWriter(
  file: FileSystemFileHandle,
  chunkBytes: number,
  sleep: (ms: number) => Promise<void>,
): Promise<Writer> {
  if (!("createSyncAccessHandle" in file)) return copyingWriter(file, chunkBytes * CHUNKS_PER_COPY);
  for (let tries = 1; ; tries++) {
    try {
      return inPlaceWriter(await (file as SyncFile).createSyncAccessHandle(), chunkBytes);
    } catch (error) {
      const isHeld = error instanceof DOMException && error.name === "NoModificationAllowedError";
      if (!isHeld || tries === HELD_TRIES) throw storageFailure(error, file.name);
      await sleep(HELD_WAIT_MS);
    }
  }
}

function inPlaceWriter(handle: SyncHandle, flushBytes: number): Writer {
  let isOpen = true;
  return {
    flushBytes,
    get sizeBytes() {
      return handle.getSize();
    },
    async write(bytes, atByte) {
      let done = 0;
      while (done < bytes.length) {
        const written = handle.write(bytes.subarray(done), { at: atByte + done });
        // It may write less than it was given; nothing at all means that nothing more fits.
        if (written === 0) throw new DOMException("No more bytes fit.", "QuotaExceededError");
        done += written;
      }
    },
    truncate: async (sizeBytes) => handle.truncate(sizeBytes),
    flush: async () => handle.flush(),
    async close() {
      if (isOpen) handle.close();
      isOpen = false;
    },
  };
}

/** For browsers, and folders, where files are replaced and not written in place. */
async function copyingWriter(file: FileSystemFileHandle, flushBytes: number): Promise<Writer> {
  const reopen = () => file.createWritable({ keepExistingData: true });
  let { size } = await file.getFile();
  let stream: FileSystemWritableFileStream | null = await reopen();
  const opened = async () => {
    stream ??= await reopen();
    return stream;
  };
  const commit = async () => {
    await stream?.close();
    stream = null;
  };
  return {
    flushBytes,
    get sizeBytes() {
      return size;
    },
    async write(bytes, atByte) {
      await (await opened()).write({ type: "write", position: atByte, data: bytes });
      size = Math.max(size, atByte + bytes.length);
    },
    async truncate(sizeBytes) {
      await (await opened()).truncate(sizeBytes);
      size = sizeBytes;
    },
    flush: commit,
    close: commit,
  };
}
