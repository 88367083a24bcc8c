/** Finds the weights of one network in a repository: the same files that are read when it is opened. */

import * as v from "valibot";
import { isPickle, pickleRefusal } from "../../checkpoint/layout/pickle";
import { isShardName, namesIn, weightNames, weightsIn } from "../../checkpoint/layout/weights";
import { Failure } from "../../core/failure";
import type { PlannedFile } from "../../protocol/library";
import { type Repository, required } from "./repository";

const SHARDS = v.object({
  weight_map: v.record(v.string(), v.custom<string>(isShardName, "is no .safetensors beside its index")),
});

/**
 * One file, or an index and its shards.
 *
 * @param stem first part of the weights' names, as "diffusion_pytorch_model"; a host that lists no files is asked for these.
 * @throws {Failure} "unsupported" if there are only pickles, "model-missing" if there are no weights, or a shard is not there.
 */
export async function weightFiles(
  repository: Repository,
  folder: string,
  stem: string,
): Promise<PlannedFile[]> {
  const file = await findWeights(repository, folder, stem);
  if (file === null) throw await withoutWeights(repository, folder, stem);
  return file.path.endsWith(".json") ? [file, ...(await shardsOf(repository, file))] : [file];
}

/** The file, or the index, with a network's weights; null if there is none. @param folder "" for the repository itself. */
export async function findWeights(
  repository: Repository,
  folder: string,
  stem: string,
): Promise<PlannedFile | null> {
  const { paths } = repository;
  if (paths !== null) {
    const weights = weightsIn(paths, folder);
    return weights && repository.find(weights.path);
  }
  for (const path of weightNames(folder === "" ? stem : `${folder}/${stem}`)) {
    const file = await repository.find(path);
    if (file !== null) return file;
  }
  return null;
}

async function shardsOf(repository: Repository, index: PlannedFile): Promise<PlannedFile[]> {
  const { weight_map } = await repository.json(index, SHARDS);
  const folder = index.path.slice(0, index.path.lastIndexOf("/"));
  const shards = [...new Set(Object.values(weight_map))].sort();
  return Promise.all(shards.map((shard) => required(repository, `${folder}/${shard}`)));
}

async function withoutWeights(repository: Repository, folder: string, stem: string): Promise<Failure> {
  const usual = [`${folder}/${stem}.bin`, `${folder}/pytorch_model.bin`];
  const listed = repository.paths && namesIn(repository.paths, folder).filter(isPickle);
  const pickles = listed?.map((name) => `${folder}/${name}`) ?? usual;
  const found = await Promise.all(pickles.map((path) => repository.find(path)));
  const pickle = found.find((file) => file !== null);
  return pickle
    ? pickleRefusal(pickle.path)
    : new Failure("model-missing", `The repository has no weights in ${folder}/.`);
}
