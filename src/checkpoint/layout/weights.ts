/** The files that hold a network's weights in a folder of its own, by the names that diffusers and transformers give them. */

/** The variants of one network's weights, in the order in which they are chosen: half the bytes first, then the plain name (""). */
const VARIANTS: readonly string[] = ["fp16", "", "bf16", "fp32", "non_ema"];

/** A network's weights: one file, or an index that says which shard has which tensor. */
export interface WeightsFile {
  readonly path: string;
  readonly isIndex: boolean;
}

/**
 * `model[.variant].safetensors`; as the index of shards with `.index.json` behind it. diffusers has written the variant of an index
 * in three places: `model.fp16.safetensors.index.json`, `model.safetensors.index.fp16.json`, `model.safetensors.fp16.index.json`.
 */
const WEIGHTS =
  /^(?:diffusion_pytorch_model|model)(?:\.(\w+))?\.safetensors(?<index>(?:\.(\w+))?\.index(?:\.(\w+))?\.json)?$/;
/** A name and nothing else: no folder, no way out of one. */
const SHARD = /^\w[\w.-]*\.safetensors$/;

/** The weights in `folder` that are read and fetched; null if it has none. @param paths of the whole model. */
export function weightsIn(paths: readonly string[], folder: string): WeightsFile | null {
  const found = namesIn(paths, folder).flatMap((name) => {
    const match = WEIGHTS.exec(name);
    if (!match) return [];
    const isIndex = match.groups?.["index"] !== undefined;
    const path = folder === "" ? name : `${folder}/${name}`;
    return [{ path, isIndex, rank: rank(match[1] ?? match[3] ?? match[4] ?? "", isIndex) }];
  });
  found.sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1));
  const [best] = found;
  return best === undefined ? null : { path: best.path, isIndex: best.isIndex };
}

/** A file in one piece comes before one in several of the same variant. A variant that nobody knows comes last. */
function rank(variant: string, isIndex: boolean): number {
  const known = VARIANTS.indexOf(variant);
  return (known < 0 ? VARIANTS.length : known) + (isIndex ? 0.5 : 0);
}

/** The file names in a folder, without those in folders of it. @param folder "" for the model's own. */
export function namesIn(paths: readonly string[], folder: string): string[] {
  const start = folder === "" ? "" : `${folder}/`;
  return paths.flatMap((path) => {
    const name = path.slice(start.length);
    return path.startsWith(start) && !name.includes("/") ? [name] : [];
  });
}

/**
 * Every name that a network's weights may have, in the order in which {@link weightsIn} chooses: for hosts that do not list files.
 *
 * @param stem path without the endings, as "unet/diffusion_pytorch_model".
 */
export function weightNames(stem: string): string[] {
  return VARIANTS.flatMap((variant) => {
    const dotted = variant && `.${variant}`;
    const whole = `${stem}${dotted}.safetensors`;
    const indices = [
      `${whole}.index.json`,
      `${stem}.safetensors.index${dotted}.json`,
      `${stem}.safetensors${dotted}.index.json`,
    ];
    return [whole, ...new Set(indices)];
  });
}

/** True for a file name that an index may give for a shard: a `.safetensors` beside it. */
export function isShardName(name: unknown): name is string {
  return typeof name === "string" && SHARD.test(name);
}
