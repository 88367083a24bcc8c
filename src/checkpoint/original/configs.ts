/** Configurations for a checkpoint that brings none: those of the well-known model that it is, or was made from. */

import { Failure } from "../../core/failure";
import { isObject, type JsonObject, parseJson } from "../json";
import type { GraphLibrary, ModelFiles, PublishedConfigs } from "../modelFiles";
import type { Claims } from "./claims";

const SCHEDULER = "scheduler/scheduler_config.json";
/** Words for distilled models, in the names of published configurations and in the claims of files. */
const FEW_STEP = ["turbo", "lightning", "lcm", "hyper"];
const CLIP_WORDS = /^(tokenizer(?:_2)?)\/(vocab\.json|merges\.txt)$/;

/**
 * Of the configurations that go with a U-Net, those that agree with what the file says of itself. Where it says nothing: those of the
 * largest pictures, and of these the first, since what was distilled or begun from a model keeps to smaller ones.
 *
 * @param candidates names of published configurations, the default of each family first; at least one.
 */
export async function chooseConfigs(
  published: PublishedConfigs,
  candidates: readonly [string, ...string[]],
  claims: Claims,
): Promise<string> {
  const kind = FEW_STEP.find((word) => claims.words.includes(word));
  const named = candidates.filter((name) => kind !== undefined && name.toLowerCase().includes(kind));
  const agreeing: { readonly name: string; readonly side: number }[] = [];
  for (const name of named.length > 0 ? named : candidates) {
    const { prediction_type = "epsilon" } = await readConfig(published, name, SCHEDULER);
    const { sample_size } = await readConfig(published, name, "unet/config.json");
    if (claims.predictionType === null || claims.predictionType === prediction_type)
      agreeing.push({ name, side: Math.max(...[sample_size].flat().map(Number)) });
  }
  agreeing.sort((a, b) => b.side - a.side);
  return agreeing[0]?.name ?? named[0] ?? candidates[0];
}

/** The configurations of `name` as a model's own files, the scheduler corrected by what the checkpoint says. */
export function configsOf(published: PublishedConfigs, name: string, claims: Claims): ModelFiles {
  const prefix = `${name}/`;
  const own = published.paths.flatMap((path) => (path.startsWith(prefix) ? path.slice(prefix.length) : []));
  const tokenizers = new Set(own.flatMap((path) => /^tokenizer(?:_2)?(?=\/)/.exec(path) ?? []));
  const words = [...tokenizers].flatMap((folder) => [`${folder}/vocab.json`, `${folder}/merges.txt`]);
  const paths = [...new Set([...own, ...words])].sort();
  return {
    paths,
    async open(path) {
      if (path === SCHEDULER) return correctedScheduler(published, name, claims);
      const file = await published.open(prefix + path);
      const [, folder = "", shared] = CLIP_WORDS.exec(path) ?? [];
      return file ?? (tokenizers.has(folder) ? published.open(`clip/${shared}`) : null);
    },
  };
}

/** @throws {Failure} "model-missing" for a file that is not there. */
export async function readConfig(
  published: PublishedConfigs,
  name: string,
  path: string,
): Promise<JsonObject> {
  const file = await published.open(`${name}/${path}`);
  if (!file)
    throw new Failure("model-missing", `${name}/${path} is missing from the app's papers. Reload the page.`);
  return parseJson(`${name}/${path}`, await file.text());
}

async function correctedScheduler(published: PublishedConfigs, name: string, claims: Claims): Promise<Blob> {
  const { predictionType, isZeroSnr } = claims;
  const corrected = {
    ...(await readConfig(published, name, SCHEDULER)),
    ...(predictionType && { prediction_type: predictionType }),
    // With no signal left at the last timestep, sampling has to begin there: Lin et al. 2023 (arXiv:2305.08891), 3.3.
    ...(isZeroSnr && { rescale_betas_zero_snr: true, timestep_spacing: "trailing" }),
  };
  return new Blob([JSON.stringify(corrected)], { type: "application/json" });
}

/**
 * Names of configurations that go with a U-Net of these parameters, the default first.
 *
 * @param hash of the parameters, as in `family.json`.
 * @throws {Failure} "model-corrupt" for a `family.json` that is damaged.
 */
export async function candidatesOf(graphs: GraphLibrary, hash: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of graphs.families) {
    const path = `${name}/family.json`;
    const { networks, published } = parseJson(path, (await (await graphs.open(path))?.text()) ?? "");
    const unet = isObject(networks) ? networks["unet"] : null;
    if (isObject(unet) && unet["parameters"] === hash && Array.isArray(published))
      names.push(...published.map(String));
  }
  return names;
}
