/** A model's configuration files: small texts and JSON beside its weights, looked up by path. */

import { Failure } from "../../core/failure";
import { parseJsonText } from "../json";
import { impostorOf, impostorRefusal } from "../layout/impostors";

/** Reads a text file of the model folder; null if there is none. */
export type ReadText = (path: string) => Promise<string | null>;

/** The files of one model, looked up by path. */
export interface ConfigFiles {
  /** Null if there is no such file. @throws {Failure} "model-corrupt" if it is a web page, or only a pointer. */
  optionalText(path: string): Promise<string | null>;
  /** @throws {Failure} "model-corrupt" if there is no such file, or it is not JSON. */
  json(path: string): Promise<unknown>;
  /** Null if there is no such file. @throws {Failure} "model-corrupt" if it is not JSON. */
  optionalJson(path: string): Promise<unknown>;
}

/** Configuration files over any function that reads a file. */
export function configFilesOf(read: ReadText): ConfigFiles {
  const text = async (path: string): Promise<string> => {
    const found = await read(path);
    if (found !== null) return found;
    throw new Failure(
      "model-corrupt",
      `${path} is missing: a model is a folder in diffusers' layout, with this file in it.`,
    );
  };
  return {
    async optionalText(path) {
      const found = await read(path);
      const impostor = found === null ? null : impostorOf(found);
      if (impostor !== null) throw impostorRefusal(path, impostor);
      return found;
    },
    json: async (path) => parseJsonText(path, await text(path)),
    async optionalJson(path) {
      const found = await read(path);
      return found === null ? null : parseJsonText(path, found);
    },
  };
}
