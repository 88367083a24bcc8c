/** Shared by the tests of this folder: files that hold names and shapes, with configurations and graphs that fit them. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Parameters } from "../checkpoint";
import { parametersHash } from "../graph/families";
import type { GraphLibrary, ModelFiles, PublishedConfigs } from "../modelFiles";

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** A model of the fixture: what one file of it holds, and what its networks are made of, by the folders of diffusers' layout. */
export interface Named {
  readonly configs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly original: Shapes;
  readonly networks: Readonly<Record<string, Shapes>>;
}

/** Made by `models/parity/original_fixture.py`. */
export function readNames(): Readonly<Record<string, Named>> {
  const zipped = readFileSync(new URL("./__fixtures__/names.json.gz", import.meta.url));
  return JSON.parse(gunzipSync(zipped).toString("utf8"));
}

/** One model of the fixture. */
export function named(names: Readonly<Record<string, Named>>, name: string): Named {
  const found = names[name];
  if (!found) throw new Error(`the fixture has no ${name}`);
  return found;
}

/** A tensor for {@link safetensors}: shape alone means no bytes, of a format that nothing is known of. */
interface Content {
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

/** A safetensors file. Tensors that are only shapes take no bytes: their dtype is one that no reader knows the width of. */
export function safetensors(
  tensors: Readonly<Record<string, readonly number[] | Content>>,
  metadata: Readonly<Record<string, string>> = {},
): Blob {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  const data: BlobPart[] = [];
  for (const [name, tensor] of Object.entries(tensors)) {
    const begin = offset;
    if ("shape" in tensor) {
      data.push(tensor.values);
      offset += tensor.values.byteLength;
      header[name] = { dtype: "F32", shape: tensor.shape, data_offsets: [begin, offset] };
    } else header[name] = { dtype: "UNSEEN", shape: tensor, data_offsets: [begin, begin] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length), true);
  return new Blob([length.buffer, text, ...data]);
}

/** Files with these contents. */
export function filesOf(contents: Readonly<Record<string, unknown>>): ModelFiles {
  return {
    paths: Object.keys(contents).sort(),
    open: async (path) => (Object.hasOwn(contents, path) ? new Blob([JSON.stringify(contents[path])]) : null),
  };
}

/** A scheduler by its kind of prediction. */
export function scheduler(prediction_type: string): Record<string, unknown> {
  return { _class_name: "DDIMScheduler", prediction_type, timestep_spacing: "leading" };
}

/** Configurations of one network in several models: the same configurations, other schedulers. */
export function publish(
  { configs }: Named,
  schedulers: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): PublishedConfigs {
  const contents: Record<string, unknown> = { "clip/vocab.json": { a: 0 }, "clip/merges.txt": "merges" };
  for (const [name, config] of Object.entries(schedulers)) {
    contents[`${name}/model_index.json`] = {};
    contents[`${name}/tokenizer/tokenizer_config.json`] = {};
    contents[`${name}/scheduler/scheduler_config.json`] = config;
    for (const [folder, value] of Object.entries(configs)) contents[`${name}/${folder}/config.json`] = value;
  }
  return { ...filesOf(contents), names: Object.keys(schedulers) };
}

/** A library with one family, which has a graph for this U-Net. */
export async function graphsFor({ networks }: Named, published: readonly string[]): Promise<GraphLibrary> {
  const nowhere = { file: new Blob([]), dtype: "F32", begin: 0, end: 0, isTransposed: false };
  const unet: Parameters = new Map(
    Object.entries(networks["unet"] ?? {}).map(([name, shape]) => [name, { ...nowhere, shape }]),
  );
  const family = { networks: { unet: { parameters: await parametersHash(unet) } }, published };
  return { ...filesOf({ "family/family.json": family }), families: ["family"] };
}
