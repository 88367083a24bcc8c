/** CLIP's text encoder in the two forms that files of the original layout have it: transformers' own, and OpenCLIP's. */

import { refuseGaps, type Table, TableBuilder, unknownTensor } from "./table";

const NETWORK = "text encoder";

const OPEN_CLIP: ReadonlyMap<string, string> = new Map(
  Object.entries({
    positional_embedding: "text_model.embeddings.position_embedding.weight",
    "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
    "ln_final.weight": "text_model.final_layer_norm.weight",
    "ln_final.bias": "text_model.final_layer_norm.bias",
    "text_projection.weight": "text_projection.weight",
  }),
);
const OPEN_CLIP_LAYER: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ln_1: "layer_norm1",
    ln_2: "layer_norm2",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
    "attn.out_proj": "self_attn.out_proj",
  }),
);
/** Of no use to a text encoder: what compares texts with pictures, and numbers that follow from the rest. */
const LEFT_OUT = /^(logit_scale|attn_mask|visual\..+|(text_model\.)?embeddings\.position_ids)$/;
const TRANSFORMERS = /^text_model\.(embeddings|encoder|final_layer_norm)\.(.+\.)?(weight|bias)$/;

/**
 * An encoder that the file has in transformers' form (`….transformer.`), already under the published names but for a prefix
 * that some leave off.
 *
 * @param names without the encoder's prefix.
 * @throws {Failure} "unsupported" for a tensor that belongs to no part known here, "model-corrupt" for a layer that is missing.
 */
export function clipTable(names: Iterable<string>): Table {
  const builder = new TableBuilder(NETWORK);
  const used = [...names].filter((name) => !LEFT_OUT.test(name));
  for (const name of used) {
    const published = /^(text_model|text_projection)\./.test(name) ? name : `text_model.${name}`;
    if (!TRANSFORMERS.test(published) && published !== "text_projection.weight")
      throw unknownTensor(NETWORK, name);
    builder.add(published, name);
  }
  refuseGaps(NETWORK, "encoder.layers", layersOf(/encoder\.layers\.(\d+)\./, used));
  return builder.table;
}

/**
 * An encoder in OpenCLIP's form (`….model.`): query, key and value are one tensor, and the projection multiplies from the right.
 *
 * @param names as in {@link clipTable}.
 * @throws {Failure} as {@link clipTable} does.
 */
export function openClipTable(names: Iterable<string>): Table {
  const builder = new TableBuilder(NETWORK);
  const used = [...names].filter((name) => !LEFT_OUT.test(name));
  for (const name of used) {
    const published = OPEN_CLIP.get(name);
    if (published !== undefined) builder.add(published, name);
    else if (name === "text_projection") builder.add("text_projection.weight", name, { isTransposed: true });
    else addLayerPart(builder, name);
  }
  refuseGaps(NETWORK, "transformer.resblocks", layersOf(/^transformer\.resblocks\.(\d+)\./, used));
  return builder.table;
}

function addLayerPart(builder: TableBuilder, name: string): void {
  const [, layer, part = "", ending = ""] =
    /^transformer\.resblocks\.(\d+)\.(.+)[._](weight|bias)$/.exec(name) ?? [];
  const place = `text_model.encoder.layers.${layer}`;
  const published = OPEN_CLIP_LAYER.get(part);
  if (published !== undefined && name.endsWith(`.${ending}`)) {
    builder.add(`${place}.${published}.${ending}`, name);
    return;
  }
  if (part !== "attn.in_proj") throw unknownTensor(NETWORK, name);
  const thirds = { q_proj: 0, k_proj: 1, v_proj: 2 } as const;
  for (const [projection, third] of Object.entries(thirds))
    builder.add(`${place}.self_attn.${projection}.${ending}`, name, { third });
}

function layersOf(pattern: RegExp, names: readonly string[]): number[] {
  return names.flatMap((name) => pattern.exec(name)?.[1] ?? []).map(Number);
}
