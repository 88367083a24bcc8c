/** Rules [CK17] and [CK18] of src/checkpoint/SPEC.md: the hub's planner fetches the files that are read when the same listing is opened from a disk. */

import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { NETWORK_NAMES } from "../../checkpoint/checkpoint";
import { diffusersSource } from "../../checkpoint/diffusersFolder";
import { layoutKind } from "../../checkpoint/layout/kind";
import type { ModelFiles } from "../../checkpoint/modelFiles";
import { folderOf as onnxFolder, PUBLISHED } from "../../checkpoint/onnx/testing";
import { DIALECTS } from "../../checkpoint/onnx/testingDialects";
import { openSource } from "../../checkpoint/open";
import { nodeGraphLibrary, nodeModelFiles } from "../../cli/nodeFiles";
import { counting, folderOf, safetensorsOf } from "../../runtime/testing";
import { planFromHub } from "../hub";
import { CONFIG_FILES, hub, INDEX, origin } from "./testing";

const inRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const supplies = { graphs: nodeGraphLibrary(inRepository("models/graphs")), published: PUBLISHED };
const WEIGHTS = /\.(safetensors|onnx|index(\.\w+)?\.json)$/;

/** Files by path: an object is JSON. */
type Listing = Readonly<Record<string, Blob | object>>;

/** Paths of weights and indices in the plan, or the refusal. */
async function byHub(listing: Listing): Promise<unknown> {
  const files = Object.entries(listing).map(([path, body]) => [path, { size: 1, body }] as const);
  const planned = planFromHub(origin(), hub(Object.fromEntries(files)));
  return planned.then(
    (plan) => plan.files.flatMap(({ path }) => (WEIGHTS.test(path) ? path : [])).sort(),
    ({ code, message }) => ({ code, message }),
  );
}

/** Paths of weights and indices that are opened, or the refusal. */
async function byDisk(listing: Listing): Promise<unknown> {
  const { paths, open } = folderOf(listing);
  const opened = new Set<string>();
  const files: ModelFiles = {
    paths,
    async open(path) {
      if (WEIGHTS.test(path)) opened.add(path);
      return open(path);
    },
  };
  const refusal = await openAll(files).catch(({ code, message }) => ({ code, message }));
  return opened.size > 0 ? [...opened].sort() : refusal;
}

async function openAll(files: ModelFiles): Promise<void> {
  if (layoutKind(files.paths) === "tiny-decoder") {
    await openNetworks({
      paths: files.paths.map((path) => `vae/${path}`),
      open: (path) => files.open(path.slice("vae/".length)),
    });
    return;
  }
  const source = await openSource(files, supplies);
  if (source.kind === "diffusers") await openNetworks(files);
}

async function openNetworks(files: ModelFiles): Promise<void> {
  for (const name of NETWORK_NAMES) await diffusersSource(files).network(name);
}

const tensor = safetensorsOf(counting({ a: [1] }));
const CONFIGS: Listing = Object.fromEntries(
  Object.entries(CONFIG_FILES).map(([path, { body }]) => [path, Object(body)]),
);
const STEMS = ["text_encoder/model", "unet/diffusion_pytorch_model", "vae/diffusion_pytorch_model"];

/** One name for each network. */
const named = (name: (stem: string) => string, body: Blob | object = tensor): Listing =>
  Object.fromEntries(STEMS.map((stem) => [name(stem), body]));
const variant = (name: string): Listing => named((stem) => `${stem}${name}.safetensors`);
const sharded = (ending: string): Listing => ({
  ...named((stem) => `${stem}${ending}`, { weight_map: { a: "s-1.safetensors" } }),
  ...named((stem) => `${stem.slice(0, stem.indexOf("/"))}/s-1.safetensors`),
});

const DIFFUSERS: Readonly<Record<string, Listing>> = {
  plain: variant(""),
  fp16: variant(".fp16"),
  "bf16 only": variant(".bf16"),
  "fp32 only": variant(".fp32"),
  "non_ema only": variant(".non_ema"),
  "a variant that nobody knows": variant(".ema_only"),
  "every variant": {
    ...variant(".non_ema"),
    ...variant(".fp32"),
    ...variant(".bf16"),
    ...variant(""),
    ...variant(".fp16"),
  },
  "plain, bf16 and pickles": { ...variant(".bf16"), ...variant(""), ...named((stem) => `${stem}.bin`) },
  shards: sharded(".safetensors.index.json"),
  "shards of fp16, as diffusers writes them today": sharded(".fp16.safetensors.index.json"),
  "shards of fp16, as it wrote them before": sharded(".safetensors.index.fp16.json"),
  "shards of fp16, as it wrote them first": sharded(".safetensors.fp16.index.json"),
  "plain in one piece and fp16 in shards": { ...variant(""), ...sharded(".safetensors.index.fp16.json") },
};

describe("[CK17] hub and disk choose the same files", () => {
  it.each(Object.entries(DIFFUSERS))("of a diffusers folder: %s", async (_, weights) => {
    const listing = { ...CONFIGS, ...weights };
    const chosen = await byDisk(listing);
    expect(chosen).toContainEqual(expect.stringMatching(/^unet\//));
    expect(await byHub(listing)).toEqual(chosen);
  });

  it.each(["models/tinyworld", "src/runtime/__fixtures__/small"])("of %s", async (folder) => {
    const { paths, open } = nodeModelFiles(inRepository(folder));
    const { "model_index.json": index } = CONFIGS;
    const bodies = paths.map(async (path) => {
      const blob = (await open(path)) ?? expect.fail(path);
      return [path, path.endsWith(".json") ? JSON.parse(await blob.text()) : blob] as const;
    });
    const listing: Listing = {
      "model_index.json": index ?? {},
      ...Object.fromEntries(await Promise.all(bodies)),
    };
    const networks = /^(text_encoder|text_encoder_2|unet|vae|prompt_match)\//;
    const fetched = (await byHub(listing)) as string[];
    expect(fetched.filter((path) => networks.test(path))).toEqual(await byDisk(listing));
  });

  it.each(DIALECTS)("of a folder of ONNX files: %s", async (_, dialect) => {
    const files = onnxFolder(dialect);
    const listing: Listing = Object.fromEntries(
      Object.entries(files).map(([path, bytes]) => [path, new Blob([bytes])]),
    );
    const graphs = Object.keys(files)
      .filter((path) => path.endsWith(".onnx"))
      .sort();
    expect(await byDisk(listing)).toEqual(graphs);
    const plan = await planFromHub(
      origin(),
      hub(Object.fromEntries(Object.keys(files).map((path) => [path, { size: 1 }]))),
    );
    expect(plan.files.map(({ path }) => path).sort()).toEqual(Object.keys(files).sort());
  });

  it("of ONNX files with pickles beside them, and with safetensors", async () => {
    const graphs = onnxFolder();
    const onnx: Listing = {
      ...CONFIGS,
      "model_index.json": INDEX,
      ...Object.fromEntries(Object.entries(graphs).map(([path, bytes]) => [path, new Blob([bytes])])),
    };
    const pickled = { ...onnx, ...named((stem) => `${stem}.bin`) };
    expect(await byDisk(pickled)).toEqual(Object.keys(graphs).sort());
    expect(await byHub(pickled)).toEqual(await byDisk(pickled));
    const both = { ...onnx, ...variant(".bf16") };
    expect(await byDisk(both)).toEqual(Object.keys(variant(".bf16")).sort());
    expect(await byHub(both)).toEqual(await byDisk(both));
  });

  it.each([
    [
      {
        "config.json": { _class_name: "AutoencoderTiny" },
        "diffusion_pytorch_model.safetensors": tensor,
        "taesd_decoder.safetensors": tensor,
      },
    ],
    [
      {
        "config.json": { _class_name: "AutoencoderTiny" },
        "diffusion_pytorch_model.bf16.safetensors": tensor,
        "diffusion_pytorch_model.bin": {},
      },
    ],
    [{ "README.md": {}, "v1-5.safetensors": tensor, "v1-5.ckpt": {} }],
  ])("of a repository of one network or one file", async (listing: Listing) => {
    const chosen = await byDisk(listing);
    expect(chosen).toHaveLength(1);
    expect(await byHub(listing)).toEqual(chosen);
  });
});

it.each<[string, Listing]>([
  ["in every folder", { ...CONFIGS, ...named((stem) => `${stem}.bin`) }],
  ["of another ending", { ...CONFIGS, ...named((stem) => `${stem}.pth`) }],
  ["as a whole model", { "README.md": {}, "sd.ckpt": {} }],
  ["of several models", { "a.ckpt": {}, "b.pt": {} }],
])("[CK18] pickles %s are refused by hub and disk in one sentence", async (_, listing) => {
  const refusal = await byHub(listing);
  expect(refusal).toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(/ is a pickle, which can run code/),
  });
  expect(await byDisk(listing)).toEqual(refusal);
});
