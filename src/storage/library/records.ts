/** The records of all kept models, in IndexedDB. One record is one model; putting it is the only way that anything becomes true. */

import { type DBSchema, type IDBPDatabase, type IDBPObjectStore, openDB } from "idb";
import { isTinyDecoder } from "../../checkpoint/layout/kind";
import { Failure } from "../../core/failure";
import type { KeptModel, KeptState, ModelOrigin } from "../../protocol/library";
import { storageFailure } from "./files/storageFailure";

/** One file of a model and how far it is here. */
export interface FileRecord {
  readonly path: string;
  /** Null for one that was imported. */
  readonly url: string | null;
  readonly sizeBytes: number;
  /** Hex; null if nobody published one. */
  readonly publishedSha256: string | null;
  /** "whole": all of it is here, hashed and checked. "damaged": it once was, and is not what it should be any more. */
  readonly state: "partial" | "whole" | "damaged";
  /** That many are written, flushed and hashed. */
  readonly doneBytes: number;
  /** Hex, of those bytes; null while there are none. */
  readonly sha256: string | null;
  /** ETag or date of what is being fetched, to be sent as If-Range; null if the host gave none that can be used so. */
  readonly validator: string | null;
}

/** One model. `state` is "ready" only if every file is "whole". */
export interface ModelRecord {
  readonly modelId: string;
  /** Name of its folder in the library's own. */
  readonly folder: string;
  readonly name: string;
  readonly origin: ModelOrigin | null;
  readonly licence: string | null;
  readonly state: KeptState;
  readonly files: readonly FileRecord[];
}

/** A kept model, and which of its files are not what they should be. */
export interface LibraryModel extends KeptModel {
  /** Paths, sorted; empty unless the state is "damaged". */
  readonly damagedPaths: readonly string[];
}

interface Schema extends DBSchema {
  models: { key: string; value: ModelRecord };
}

type Store = IDBPObjectStore<Schema, ["models"], "models", "readwrite">;

/** The records of one database. */
export class Records {
  readonly #name: string;
  #database: Promise<IDBPDatabase<Schema>> | null = null;

  constructor(databaseName: string) {
    this.#name = databaseName;
  }

  async get(modelId: string): Promise<ModelRecord | null> {
    return (await (await this.#open()).get("models", modelId)) ?? null;
  }

  async all(): Promise<readonly ModelRecord[]> {
    return (await this.#open()).getAll("models");
  }

  /** Resolves once the record is on disk. @throws {Failure} "storage-full". */
  async put(record: ModelRecord): Promise<void> {
    await this.#change(record.name, (store) => store.put(record));
  }

  async delete(modelId: string): Promise<void> {
    await this.#change(modelId, (store) => store.delete(modelId));
  }

  async #change(what: string, change: (store: Store) => Promise<unknown>): Promise<void> {
    const database = await this.#open();
    try {
      const transaction = database.transaction("models", "readwrite", { durability: "strict" });
      await Promise.all([change(transaction.store), transaction.done]);
    } catch (error) {
      throw storageFailure(error, `The record of ${what}`);
    }
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    const close = () => {
      void this.#database?.then((database) => database.close()); // it opened, or nobody would close it
      this.#database = null;
    };
    this.#database ??= openDB<Schema>(this.#name, 1, {
      upgrade: (database) => void database.createObjectStore("models", { keyPath: "modelId" }),
      blocking: close,
      terminated: () => {
        this.#database = null;
      },
    }).catch((cause: unknown) => {
      this.#database = null;
      throw new Failure(
        "unsupported",
        "This browser gives this page no database, as in some private windows; open an ordinary window to keep models.",
        { cause },
      );
    });
    return this.#database;
  }
}

/** The record as others see it. */
export function describe(record: ModelRecord): LibraryModel {
  const { modelId, name, origin, licence, state, files } = record;
  return {
    modelId,
    name,
    origin,
    licence,
    state,
    keptBytes: files.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
    totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    files: files.length,
    isTinyDecoder: isTinyDecoder(files.map(({ path }) => path)),
    damagedPaths: files.flatMap((file) => (file.state === "damaged" ? [file.path] : [])).sort(),
  };
}

/** The record with one file of it changed. */
export function withFile(record: ModelRecord, path: string, changes: Partial<FileRecord>): ModelRecord {
  return {
    ...record,
    files: record.files.map((file) => (file.path === path ? { ...file, ...changes } : file)),
  };
}

/** The record of a file of which nothing is here. */
export const NOTHING = { state: "partial", doneBytes: 0, sha256: null, validator: null } as const;
/** The record of a file that was found to be wrong. */
export const DAMAGED = { ...NOTHING, state: "damaged" } as const;
