import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { nodeGraphLibrary, nodePublishedConfigs } from "../../cli/nodeFiles";
import type { NetworkName, Parameters } from "../checkpoint";
import { singleFileSource } from "./singleFileSource";
import {
  graphsFor,
  type Named,
  named,
  publish,
  readNames,
  type Shapes,
  safetensors,
  scheduler,
} from "./testing";

const names = readNames();
const sd1 = named(names, "SD 1.x");
const sd2 = named(names, "SD 2.x, v-prediction");
const sdxl = named(names, "SDXL");

const FOLDERS: Readonly<Record<string, NetworkName>> = {
  text_encoder: "text_encoder",
  text_encoder_2: "text_encoder_2",
  unet: "unet",
  vae: "vae_decoder",
};

type Schedulers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const PLAIN: Schedulers = { plain: scheduler("epsilon") };

async function open(model: Named, file: Blob, configs?: string, schedulers = PLAIN) {
  const published = publish(model, schedulers);
  const graphs = await graphsFor(model, Object.keys(schedulers));
  return singleFileSource(file, "model.safetensors", { published, graphs, configs });
}

function shapesOf(parameters: Parameters | undefined): Shapes {
  return Object.fromEntries([...(parameters ?? [])].map(([name, { shape }]) => [name, shape]));
}

async function schedulerOf(source: Awaited<ReturnType<typeof open>>): Promise<Record<string, unknown>> {
  const file = await source.files.open("scheduler/scheduler_config.json");
  return JSON.parse((await file?.text()) ?? "");
}

it.each(Object.keys(names))(
  "[CK49] %s: every parameter is found, under diffusers' name and in its shape",
  async (name) => {
    const model = named(names, name);
    const source = await open(model, safetensors(model.original));
    for (const [folder, wanted] of Object.entries(model.networks)) {
      const stored = await source.network(FOLDERS[folder] ?? "prompt_match");
      expect(shapesOf(stored?.parameters)).toEqual(wanted);
      expect(stored?.config).toEqual(model.configs[folder]);
    }
    expect(await source.network("prompt_match")).toBeNull();
  },
);

it.each(["_orig_mod.", "module."])(
  "[CK49] parameters that were saved while wrapped are found: %s",
  async (wrapper) => {
    const inside = (name: string) =>
      name.replace(/^(model\.diffusion_model|first_stage_model)\./, `$1.${wrapper}`);
    const before = (name: string) => wrapper + name;
    for (const wrapped of [inside, before]) {
      const tensors = Object.entries(sd1.original).map(([name, shape]) => [wrapped(name), shape]);
      const source = await open(sd1, safetensors(Object.fromEntries(tensors)));
      for (const [folder, wanted] of Object.entries(sd1.networks)) {
        const stored = await source.network(FOLDERS[folder] ?? "prompt_match");
        expect(shapesOf(stored?.parameters)).toEqual(wanted);
      }
    }
  },
);

it("[CK50] 1x1 convolutions and linear layers are the same to the U-Net", async () => {
  for (const model of [sd1, sd2]) {
    const isProjection = (name: string) => /\.1\.proj_(in|out)\.weight$/.test(name);
    const swapped = Object.entries(model.original).map(([name, shape]) => {
      const other = shape.length === 2 ? [...shape, 1, 1] : shape.slice(0, 2);
      return [name, isProjection(name) ? other : shape];
    });
    const source = await open(model, safetensors(Object.fromEntries(swapped)));
    expect(shapesOf((await source.network("unet"))?.parameters)).toEqual(model.networks["unet"]);
  }
});

it("[CK50] query, key and value are thirds of one tensor, and the projection is the tensor turned", async () => {
  const [rows = 0, columns = 0] = sdxl.original["conditioner.embedders.1.model.text_projection"] ?? [];
  const fused = "conditioner.embedders.1.model.transformer.resblocks.1.attn.in_proj_bias";
  const width = (sdxl.original[fused]?.[0] ?? 0) / 3;
  const values = Float32Array.from({ length: 3 * width }, (_, i) => i);
  const file = safetensors({ ...sdxl.original, [fused]: { shape: [3 * width], values } });
  const text = (await (await open(sdxl, file)).network("text_encoder_2"))?.parameters;
  const projection = text?.get("text_projection.weight");
  expect(projection).toMatchObject({ isTransposed: true, shape: [columns, rows] });
  for (const [i, part] of ["q", "k", "v"].entries()) {
    const bias = text?.get(`text_model.encoder.layers.1.self_attn.${part}_proj.bias`);
    const bytes = await bias?.file.slice(bias.begin, bias.end).arrayBuffer();
    expect(bias?.shape).toEqual([width]);
    expect([...new Float32Array(bytes ?? new ArrayBuffer(0))]).toEqual([
      ...values.slice(i * width, (i + 1) * width),
    ]);
  }
});

it("[CK50] the layer that Stable Diffusion 2 does not use is left out", async () => {
  const layers = Number(sd2.configs["text_encoder"]?.["num_hidden_layers"]);
  expect(sd2.original).toHaveProperty([`cond_stage_model.model.transformer.resblocks.${layers}.ln_1.bias`]);
  const text = (await (await open(sd2, safetensors(sd2.original))).network("text_encoder"))?.parameters;
  expect(text?.has(`text_model.encoder.layers.${layers - 1}.layer_norm1.bias`)).toBe(true);
  expect(text?.has(`text_model.encoder.layers.${layers}.layer_norm1.bias`)).toBe(false);
});

it("[CK50] Stable Diffusion 2 may have its text encoder where SDXL has its first, as SD-Turbo has", async () => {
  const moved = Object.entries(sd2.original).map(([name, shape]) => [
    name.replace("cond_stage_model.", "conditioner.embedders.0."),
    shape,
  ]);
  const source = await open(sd2, safetensors(Object.fromEntries(moved)));
  const text = await source.network("text_encoder");
  expect(shapesOf(text?.parameters)).toEqual(sd2.networks["text_encoder"]);
  expect(await source.network("text_encoder_2")).toBeNull();
});

const SCHEDULERS = {
  base: scheduler("epsilon"),
  v: scheduler("v_prediction"),
  turbo: { ...scheduler("epsilon"), timestep_spacing: "trailing" },
};

it.each<[string, Readonly<Record<string, string>>, keyof typeof SCHEDULERS]>([
  ["nothing", {}, "base"],
  ["v-prediction", { "modelspec.prediction_type": "v" }, "v"],
  ["epsilon", { "modelspec.prediction_type": "epsilon" }, "base"],
  ["the architecture of 768 pixels", { "modelspec.architecture": "stable-diffusion-v2-768-v" }, "v"],
  ["Turbo in its title", { "modelspec.title": "SD Turbo" }, "turbo"],
])(
  "[CK51] of papers that share a U-Net, a file that says %s gets what it says",
  async (_, metadata, wanted) => {
    const source = await open(sd2, safetensors(sd2.original, metadata), undefined, SCHEDULERS);
    expect(await schedulerOf(source)).toEqual(SCHEDULERS[wanted]);
  },
);

it("[CK51] the caller's choice of papers wins; papers that nobody has are refused", async () => {
  const file = safetensors(sd2.original, { "modelspec.title": "SD Turbo" });
  expect(await schedulerOf(await open(sd2, file, "v", SCHEDULERS))).toEqual(SCHEDULERS.v);
  await expect(open(sd2, file, "w", SCHEDULERS)).rejects.toMatchObject({
    code: "bad-request",
    message: "There are no papers called w; wanted one of base, v, turbo.",
  });
});

it("[CK51] markers of v-prediction and of zero terminal SNR correct the scheduler", async () => {
  const v = await open(sdxl, safetensors({ ...sdxl.original, v_pred: [0] }));
  expect(await schedulerOf(v)).toEqual(scheduler("v_prediction"));
  const zero = await open(sdxl, safetensors({ ...sdxl.original, v_pred: [0], ztsnr: [0] }));
  expect(await schedulerOf(zero)).toEqual({
    ...scheduler("v_prediction"),
    rescale_betas_zero_snr: true,
    timestep_spacing: "trailing",
  });
});

it("[CK52] the papers are the model's files, CLIP's words among them", async () => {
  const { kind, files } = await open(sd1, safetensors(sd1.original));
  expect(kind).toBe("single-file");
  expect(files.paths).toContain("tokenizer/merges.txt");
  for (const path of files.paths) expect(await files.open(path), path).not.toBeNull();
  expect(await (await files.open("tokenizer/vocab.json"))?.text()).toBe('{"a":0}');
  expect(await files.open("tokenizer_2/vocab.json")).toBeNull();
});

it.each([
  ["its autoencoder", "first_stage_model.", /has no autoencoder \(first_stage_model/],
  ["its text encoder", "cond_stage_model.", /has no text encoder \(cond_stage_model/],
])("[CK53] a file without %s is refused by what it lacks", async (_, prefix, reason) => {
  const rest = Object.entries(sd1.original).filter(([name]) => !name.startsWith(prefix));
  await expect(open(sd1, safetensors(Object.fromEntries(rest)))).rejects.toMatchObject({
    code: "model-missing",
    message: expect.stringMatching(reason),
  });
});

it("[CK53] a U-Net that no papers go with is described", async () => {
  const graphs = await graphsFor(sdxl, ["plain"]);
  const published = publish(sdxl, { plain: scheduler("epsilon") });
  const opening = singleFileSource(safetensors(sd1.original), "x.safetensors", { published, graphs });
  await expect(opening).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(/blocks of 16, 32 channels, text of width 32, \d+ parameters/),
  });
});

const inModels = (folder: string) => fileURLToPath(new URL(`../../../models/${folder}`, import.meta.url));

it.each<[string, string, Readonly<Record<string, string>>]>([
  ["sd15", "sd15", {}],
  ["lcm-dreamshaper-v7", "lcm-dreamshaper-v7", {}],
  ["tiny-sd", "tiny-sd", {}],
  ["sd21", "sd-turbo", {}],
  ["sd21-base", "sd-turbo", { "modelspec.architecture": "stable-diffusion-v2-512" }],
  ["sd21", "sd-turbo", { "modelspec.architecture": "stable-diffusion-v2-768-v" }],
  ["sd-turbo", "sd-turbo", { "modelspec.title": "SD-Turbo" }],
  ["sdxl", "sdxl", { "modelspec.architecture": "stable-diffusion-xl-v1-base" }],
  ["sdxl-turbo", "sdxl", { "modelspec.title": "Stable Diffusion XL Turbo" }],
  ["ssd-1b", "ssd-1b", {}],
  ["segmind-vega", "segmind-vega", {}],
])(
  "[CK52] among the app's own papers, %s's are found by the tensors of %s",
  async (wanted, like, metadata) => {
    const published = nodePublishedConfigs(inModels("published"));
    const graphs = nodeGraphLibrary(inModels("graphs"));
    const json = async (file: Blob | null) => JSON.parse((await file?.text()) ?? "");
    const file = safetensors(named(names, `published/${like}`).original, metadata);
    const { files } = await singleFileSource(file, "model.safetensors", { published, graphs });
    for (const path of [
      "unet/config.json",
      "scheduler/scheduler_config.json",
      "tokenizer/tokenizer_config.json",
    ])
      expect(await json(await files.open(path))).toEqual(
        await json(await published.open(`${wanted}/${path}`)),
      );
    for (const path of files.paths) expect(await files.open(path), path).not.toBeNull();
  },
);
