/**
 * The U-Net of the original layout (`model.diffusion_model.`; CompVis' openaimodel.py), whatever its blocks: levels, layers and
 * attention are read off the names. diffusers counts by level, the original in one row.
 */

import { refuseGaps, type Table, TableBuilder, unknownTensor } from "./table";

const NETWORK = "U-Net";

/** Parts outside the blocks. */
const FIXED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    // The embedding of the guidance scale (Luo et al. 2023, arXiv:2310.04378): the original code has no such layer, and so no name for it.
    "time_embed.cond_proj": "time_embedding.cond_proj",
    "time_embedding.cond_proj": "time_embedding.cond_proj",
    cond_proj: "time_embedding.cond_proj",
    "label_emb.0.0": "add_embedding.linear_1",
    "label_emb.0.2": "add_embedding.linear_2",
    "input_blocks.0.0": "conv_in",
    "out.0": "conv_norm_out",
    "out.2": "conv_out",
  }),
);

const RESNET: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    skip_connection: "conv_shortcut",
  }),
);

type Kind = "resnet" | "attention" | "sampler";

/** One module of one block: `input_blocks.4.1`. */
interface Module {
  readonly path: string;
  readonly kind: Kind;
}

const MODULE = /^((?:input_blocks|output_blocks)\.(\d+)\.\d+|middle_block\.\d+)\.(.+)$/;
const ATTENTION_PART = /^(norm|proj_in|proj_out|transformer_blocks\.\d+\.[\w.]+)$/;

/**
 * @param names of the U-Net's tensors, without their prefix.
 * @throws {Failure} "unsupported" for a tensor that belongs to no part known here, "model-corrupt" for a block that is missing.
 */
export function unetTable(names: Iterable<string>): Table {
  const builder = new TableBuilder(NETWORK);
  const all = [...names];
  const places = placesOf(all);
  for (const name of all) builder.add(publishedName(name, places), name);
  return builder.table;
}

/** "input_blocks.4.1.norm.weight" -> "down_blocks.1.attentions.0.norm.weight". */
function publishedName(name: string, places: ReadonlyMap<string, string>): string {
  const [stem, ending] = cutEnding(name);
  const fixed = FIXED.get(stem);
  if (fixed !== undefined) return `${fixed}.${ending}`;
  const [, path = "", , part = ""] = MODULE.exec(stem) ?? [];
  const place = places.get(path);
  if (place === undefined) throw unknownTensor(NETWORK, name);
  if (kindOf(part) === "sampler") return `${place}.${ending}`;
  return `${place}.${RESNET.get(part) ?? part}.${ending}`;
}

function cutEnding(name: string): readonly [string, string] {
  const [, stem = "", ending = ""] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (stem === "") throw unknownTensor(NETWORK, name);
  return [stem, ending];
}

/** Where diffusers has each module: "input_blocks.4.1" -> "down_blocks.1.attentions.0". */
function placesOf(names: readonly string[]): ReadonlyMap<string, string> {
  const blocks = { input_blocks: rowOf("input_blocks", names), output_blocks: rowOf("output_blocks", names) };
  const places = new Map<string, string>();
  placeRow(blocks.input_blocks.slice(1), "down_blocks", "downsamplers", places);
  placeMiddle(modulesOf(/^middle_block\./, names), places);
  placeRow(blocks.output_blocks, "up_blocks", "upsamplers", places);
  return places;
}

/** The modules of each block of a row, in order. */
function rowOf(row: "input_blocks" | "output_blocks", names: readonly string[]): readonly Module[][] {
  const numbers = names.flatMap((name) => {
    const number = new RegExp(`^${row}\\.(\\d+)\\.`).exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  refuseGaps(NETWORK, row, numbers);
  const count = new Set(numbers).size;
  return Array.from({ length: count }, (_, i) => modulesOf(new RegExp(`^${row}\\.${i}\\.`), names));
}

/** The modules whose tensors' names begin so, by number. */
function modulesOf(beginning: RegExp, names: readonly string[]): Module[] {
  const kinds = new Map<string, Kind>();
  for (const name of names) {
    if (!beginning.test(name) || FIXED.get(name.replace(/\.(weight|bias)$/, "")) !== undefined) continue;
    const [, path, , part = ""] = MODULE.exec(cutEnding(name)[0]) ?? [];
    const kind = kindOf(part);
    if (path === undefined || kind === null || (kinds.get(path) ?? kind) !== kind)
      throw unknownTensor(NETWORK, name);
    kinds.set(path, kind);
  }
  const modules = [...kinds].map(([path, kind]) => ({ path, kind }));
  return modules.sort((a, b) => numberOf(a) - numberOf(b));
}

function numberOf({ path }: Module): number {
  return Number(path.slice(path.lastIndexOf(".") + 1));
}

function kindOf(part: string): Kind | null {
  if (part === "op" || part === "conv") return "sampler";
  if (RESNET.get(part) !== undefined) return "resnet";
  return ATTENTION_PART.test(part) ? "attention" : null;
}

/** A level ends with its sampler: alone in a block on the way down, behind the last layer on the way up. */
function placeRow(
  blocks: readonly Module[][],
  into: "down_blocks" | "up_blocks",
  samplers: string,
  places: Map<string, string>,
): void {
  let level = 0;
  let layer = 0;
  for (const modules of blocks) {
    for (const { path, kind } of modules) {
      const within = {
        resnet: `resnets.${layer}`,
        attention: `attentions.${layer}`,
        sampler: `${samplers}.0.conv`,
      };
      places.set(path, `${into}.${level}.${within[kind]}`);
    }
    const isLast = modules.some(({ kind }) => kind === "sampler");
    level += isLast ? 1 : 0;
    layer = isLast ? 0 : layer + 1;
  }
}

function placeMiddle(modules: readonly Module[], places: Map<string, string>): void {
  const counts = { resnet: 0, attention: 0, sampler: 0 };
  for (const { path, kind } of modules) {
    if (kind === "sampler") throw unknownTensor(NETWORK, path);
    places.set(path, `mid_block.${kind}s.${counts[kind]}`);
    counts[kind] += 1;
  }
}
