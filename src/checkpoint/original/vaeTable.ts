/**
 * The autoencoder of the original layout (`first_stage_model.`; Rombach et al. 2022, arXiv:2112.10752). Both halves count their
 * levels from the picture; diffusers counts the decoder's from the latent.
 */

import { refuseGaps, type Table, TableBuilder, unknownTensor } from "./table";

const NETWORK = "autoencoder";

const RESNET: ReadonlyMap<string, string> = new Map(
  Object.entries({
    norm1: "norm1",
    conv1: "conv1",
    norm2: "norm2",
    conv2: "conv2",
    nin_shortcut: "conv_shortcut",
  }),
);
const ATTENTION: ReadonlyMap<string, string> = new Map(
  Object.entries({
    norm: "group_norm",
    q: "to_q",
    k: "to_k",
    v: "to_v",
    proj_out: "to_out.0",
  }),
);
const MIDDLE: ReadonlyMap<string, { readonly place: string; readonly parts: ReadonlyMap<string, string> }> =
  new Map(
    Object.entries({
      block_1: { place: "mid_block.resnets.0", parts: RESNET },
      attn_1: { place: "mid_block.attentions.0", parts: ATTENTION },
      block_2: { place: "mid_block.resnets.1", parts: RESNET },
    }),
  );
const ENDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    conv_in: "conv_in",
    norm_out: "conv_norm_out",
    conv_out: "conv_out",
  }),
);

/**
 * @param names of the autoencoder's tensors, without their prefix; what only its training needed is left out.
 * @throws {Failure} "unsupported" for a tensor that belongs to no part known here, "model-corrupt" for a level that is missing.
 */
export function vaeTable(names: Iterable<string>): Table {
  const builder = new TableBuilder(NETWORK);
  const all = [...names].filter((name) => !/^(loss|model_ema)\./.test(name));
  refuseGaps(NETWORK, "encoder.down", levelsOf("encoder.down.", all));
  const decoderLevels = levelsOf("decoder.up.", all);
  refuseGaps(NETWORK, "decoder.up", decoderLevels);
  for (const name of all) {
    const published = publishedName(name, new Set(decoderLevels).size);
    if (published === null) throw unknownTensor(NETWORK, name);
    builder.add(published, name);
  }
  return builder.table;
}

function levelsOf(row: string, names: readonly string[]): number[] {
  return names.flatMap((name) => (name.startsWith(row) ? [Number.parseInt(name.slice(row.length), 10)] : []));
}

/** "decoder.up.3.block.0.nin_shortcut.weight" -> "decoder.up_blocks.0.resnets.0.conv_shortcut.weight"; null if there is no such part. */
function publishedName(name: string, decoderLevels: number): string | null {
  if (/^(post_)?quant_conv\.(weight|bias)$/.test(name)) return name;
  const [, half = "", part = "", ending = ""] = /^(encoder|decoder)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  const published = ENDS.get(part) ?? middlePart(part) ?? levelPart(half, part, decoderLevels);
  return published && `${half}.${published}.${ending}`;
}

function middlePart(part: string): string | null {
  const [, block = "", leaf = ""] = /^mid\.(\w+)\.(\w+)$/.exec(part) ?? [];
  const middle = MIDDLE.get(block);
  return under(middle?.place, middle?.parts.get(leaf));
}

function levelPart(half: string, part: string, decoderLevels: number): string | null {
  const way = half === "encoder" ? "down" : "up";
  const [, row, level, rest = ""] = /^(down|up)\.(\d+)\.(.+)$/.exec(part) ?? [];
  if (row !== way) return null;
  const place = `${way}_blocks.${way === "down" ? Number(level) : decoderLevels - 1 - Number(level)}`;
  if (rest === `${way}sample.conv`) return `${place}.${way}samplers.0.conv`;
  const [, layer, leaf = ""] = /^block\.(\d+)\.(\w+)$/.exec(rest) ?? [];
  return under(`${place}.resnets.${layer}`, RESNET.get(leaf));
}

function under(place: string | undefined, part: string | undefined): string | null {
  return place === undefined || part === undefined ? null : `${place}.${part}`;
}
