/** Finds every tensor of a network in the files of its folder: in one file, or in shards with an index. */

import { Failure } from "../../core/failure";
import type { Parameter } from "../checkpoint";
import { isObject, parseJson, repeatedKey } from "../json";
import { isPickle, pickleRefusal } from "../layout/pickle";
import { isShardName, namesIn, weightsIn } from "../layout/weights";
import type { ModelFiles } from "../modelFiles";
import { readHeader, type StoredTensor } from "./safetensors";
import { unwrapped } from "./wrappers";

/** Indices of real models have some hundred kilobytes. */
const INDEX_BYTES_MAX = 64 * 2 ** 20;

/**
 * Every tensor of the network in `folder`, by the name that the file has for it, without PyTorch's wrappers; null if the folder holds no weights.
 *
 * @throws {Failure} "unsupported" if there are only pickles, "model-corrupt" for files that contradict themselves or each other,
 * "model-missing" for a shard that is not there.
 */
export async function readWeights(
  files: ModelFiles,
  folder: string,
): Promise<ReadonlyMap<string, Parameter> | null> {
  const weights = weightsIn(files.paths, folder);
  if (weights !== null) {
    const { isIndex, path } = weights;
    return unwrapped(path, await (isIndex ? readShards(files, folder, path) : readFile(files, path)));
  }
  const pickle = namesIn(files.paths, folder).find(isPickle);
  if (pickle === undefined) return null;
  throw pickleRefusal(`${folder}/${pickle}`);
}

async function readFile(files: ModelFiles, path: string): Promise<Map<string, Parameter>> {
  const file = await files.open(path);
  if (!file) throw new Failure("model-missing", `${path} is missing. Fetch the model again.`);
  const header = await readHeader(file, path);
  return new Map([...header].map(([name, tensor]) => [name, parameterOf(file, tensor)]));
}

/** A tensor of a file as a parameter, just as it lies there. */
export function parameterOf(file: Blob, { dtype, shape, begin, end }: StoredTensor): Parameter {
  return { file, dtype, shape, begin, end, isTransposed: false };
}

/** The index says which shard has which tensor; the shards must agree. */
async function readShards(files: ModelFiles, folder: string, path: string): Promise<Map<string, Parameter>> {
  const places = await readIndex(files, path);
  const all = new Map<string, Parameter>();
  for (const shard of new Set(places.values())) {
    for (const [name, parameter] of await readFile(files, `${folder}/${shard}`)) {
      if (all.has(name)) throw corrupt(path, `${name} stands in more than one shard`);
      if (places.get(name) === shard) all.set(name, parameter);
    }
  }
  for (const [name, shard] of places)
    if (!all.has(name)) throw corrupt(path, `it says that ${shard} has ${name}, which is not there`);
  return all;
}

async function readIndex(files: ModelFiles, path: string): Promise<Map<string, string>> {
  const file = await files.open(path);
  if (!file) throw new Failure("model-missing", `${path} is missing. Fetch the model again.`);
  if (file.size > INDEX_BYTES_MAX) throw corrupt(path, `it has ${file.size} bytes, wanted a list of names`);
  const text = await file.text();
  const value = parseJson(path, text);
  const map = value["weight_map"];
  if (!isObject(map)) throw corrupt(path, "it has no weight_map");
  const twice = repeatedKey(text);
  if (twice !== null) throw corrupt(path, `it names ${twice} twice`);
  return new Map(Object.entries(map).map(([name, shard]) => [name, shardName(path, name, shard)]));
}

function shardName(path: string, name: string, shard: unknown): string {
  if (isShardName(shard)) return shard;
  throw corrupt(
    path,
    `${name} is said to be in ${JSON.stringify(shard)}, wanted a .safetensors file beside the index`,
  );
}

function corrupt(path: string, flaw: string): Failure {
  return new Failure("model-corrupt", `${path}: ${flaw}. Fetch the model again.`);
}
