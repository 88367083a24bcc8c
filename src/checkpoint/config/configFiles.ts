/** A model's papers: the small files beside its weights, as they are looked up, parsed and checked. */

import * as v from "valibot";
import { Failure } from "../../core/failure";
import { parsePythonJson } from "../pythonJson";

/** Reads a text file of the model folder; null if there is none. */
export type ReadText = (path: string) => Promise<string | null>;

/** The files of one model, looked up by path. */
export interface ConfigFiles {
  /** @throws {Failure} "model-corrupt" if there is no such file. */
  text(path: string): Promise<string>;
  /** @throws {Failure} "model-corrupt" if there is no such file, or it is not JSON. */
  json(path: string): Promise<unknown>;
  /** Null if there is no such file. @throws {Failure} "model-corrupt" if it is not JSON. */
  optionalJson(path: string): Promise<unknown>;
}

/** Papers over whatever reads them. */
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
    text,
    json: async (path) => parseJson(path, await text(path)),
    async optionalJson(path) {
      const found = await read(path);
      return found === null ? null : parseJson(path, found);
    },
  };
}

/** A paper of a certain shape. @throws {Failure} "model-corrupt" naming the file and the field. */
export function check<S extends v.GenericSchema>(path: string, schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Failure(
    "model-corrupt",
    `${path}: ${v.getDotPath(issue) ?? "the whole file"}: ${issue.message}.`,
  );
}

function parseJson(path: string, source: string): unknown {
  try {
    return parsePythonJson(source);
  } catch (cause) {
    throw new Failure(
      "model-corrupt",
      `${path} is not JSON: the file is damaged, or is not what its name says.`,
      { cause },
    );
  }
}
