import { describe, expect, it } from "vitest";
import { counting, folderOf, safetensorsOf } from "../runtime/testing";
import type { NetworkName, Parameter, StoredNetwork } from "./checkpoint";
import { diffusersSource } from "./diffusersFolder";

type Files = Parameters<typeof folderOf>[0];

/** A file of one tensor [n]: by n, a test knows where a parameter came from. */
const fileOf = (n: number, name = "a") => safetensorsOf(counting({ [name]: [n] }));

const opened = async (files: Files, name: NetworkName = "unet"): Promise<StoredNetwork> =>
  (await diffusersSource(folderOf({ "unet/config.json": {}, ...files })).network(name)) ??
  expect.fail(`no ${name}`);

const widthOf = ({ parameters }: StoredNetwork) => parameters.get("a")?.shape[0];

describe("names of weights", () => {
  const plain = "unet/diffusion_pytorch_model.safetensors";
  const half = "unet/diffusion_pytorch_model.fp16.safetensors";
  const brain = "unet/diffusion_pytorch_model.bf16.safetensors";
  const other = "unet/diffusion_pytorch_model.non_ema.safetensors";

  it.each<[string, Files, number]>([
    ["the plain one", { [plain]: fileOf(1) }, 1],
    ["fp16 before the plain one", { [plain]: fileOf(1), [half]: fileOf(2) }, 2],
    ["the plain one before bf16", { [brain]: fileOf(3), [plain]: fileOf(1) }, 1],
    ["bf16 where there is no other", { [brain]: fileOf(3) }, 3],
    ["any variant where there is no other", { [other]: fileOf(4) }, 4],
    ["the plain one before a variant nobody knows", { [other]: fileOf(4), [plain]: fileOf(1) }, 1],
    ["transformers' name", { "unet/model.safetensors": fileOf(5) }, 5],
    ["a pickle beside them left alone", { [plain]: fileOf(1), "unet/diffusion_pytorch_model.bin": "" }, 1],
  ])("[CK10] %s", async (_, files, width) => {
    expect(widthOf(await opened(files))).toBe(width);
  });

  it("[CK11] no weights, or those of another folder: no such network", async () => {
    const source = diffusersSource(
      folderOf({ "unet/config.json": {}, "unet/a/model.safetensors": fileOf(1) }),
    );
    expect(await source.network("unet")).toBeNull();
    expect(await source.network("text_encoder_2")).toBeNull();
  });

  it.each(["bin", "ckpt", "pt"])("[CK12] only a pickle (.%s): refused, and says why", async (ending) => {
    const opening = opened({ [`unet/diffusion_pytorch_model.${ending}`]: fileOf(1) });
    const message = expect.stringMatching(/^unet\/.* is a pickle, which can run code/);
    await expect(opening).rejects.toMatchObject({ code: "unsupported", message });
  });

  it("[CK13] a config that is missing, or is no JSON, says so", async () => {
    const source = (files: Files) =>
      diffusersSource(folderOf({ [plain]: fileOf(1), ...files })).network("unet");
    await expect(source({})).rejects.toMatchObject({ code: "model-missing" });
    await expect(source({ "unet/config.json": "<html>" })).rejects.toMatchObject({ code: "model-corrupt" });
  });
});

describe("shards", () => {
  const index = (weight_map: unknown) => ({
    "unet/diffusion_pytorch_model.safetensors.index.json": { weight_map },
  });
  const shards = { "unet/s-1.safetensors": fileOf(1), "unet/s-2.safetensors": fileOf(2, "b") };

  it.each([
    "diffusion_pytorch_model.safetensors.index.json",
    "diffusion_pytorch_model.safetensors.index.fp16.json",
    "diffusion_pytorch_model.fp16.safetensors.index.json",
    "model.safetensors.index.json",
  ])("[CK14] are found through %s", async (name) => {
    const map = { weight_map: { a: "s-1.safetensors", b: "s-2.safetensors" } };
    const { parameters } = await opened({ ...shards, [`unet/${name}`]: map });
    expect([...parameters].map(([key, { shape }]) => [key, shape[0]])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect(parameters.get("a")?.file).not.toBe(parameters.get("b")?.file);
  });

  it.each<[string, Files, string, RegExp]>([
    [
      "leads out of the folder",
      index({ a: "../vae/x.safetensors" }),
      "model-corrupt",
      /said to be in "\.\.\/vae/,
    ],
    ["leads to the root", index({ a: "/etc/x.safetensors" }), "model-corrupt", /said to be in/],
    ["hides a way out", index({ a: "..\\x.safetensors" }), "model-corrupt", /said to be in/],
    ["names a pickle", index({ a: "s-1.bin" }), "model-corrupt", /wanted a \.safetensors/],
    ["names no text", index({ a: 1 }), "model-corrupt", /said to be in 1/],
    [
      "names a shard that is missing",
      index({ a: "s-3.safetensors" }),
      "model-missing",
      /s-3\.safetensors is missing/,
    ],
    [
      "claims what a shard lacks",
      index({ a: "s-2.safetensors" }),
      "model-corrupt",
      /s-2\.safetensors has a, which is not/,
    ],
    ["has no map", index(null), "model-corrupt", /no weight_map/],
    ["is no JSON", { "unet/model.safetensors.index.json": "{" }, "model-corrupt", /not JSON/],
    ["is a web page", { "unet/model.safetensors.index.json": "<html>" }, "model-corrupt", /web page/],
    [
      "names a parameter twice",
      {
        "unet/model.safetensors.index.json":
          '{"weight_map":{"a":"s-1.safetensors","\\u0061":"s-2.safetensors"}}',
      },
      "model-corrupt",
      /names a twice/,
    ],
    [
      "goes with shards that have one parameter twice",
      { "unet/s-2.safetensors": fileOf(2), ...index({ a: "s-1.safetensors", b: "s-2.safetensors" }) },
      "model-corrupt",
      /a stands in more than one shard/,
    ],
  ])("[CK15] an index that %s is refused", async (_, files, code, message) => {
    const opening = opened({ ...shards, ...files });
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe("names of parameters", () => {
  const namesOf = ({ parameters }: { parameters: ReadonlyMap<string, Parameter> }) => [...parameters.keys()];
  const withNetwork = (folder: string, file: string, names: readonly string[]): Files => ({
    [`${folder}/config.json`]: {},
    [`${folder}/${file}`]: safetensorsOf(counting(Object.fromEntries(names.map((name) => [name, [2]])))),
  });

  it("[CK16] a text encoder's have the prefix that graphs have, and no buffers", async () => {
    const file = (folder: string, names: readonly string[]) =>
      withNetwork(folder, "model.safetensors", names);
    const bare = ["embeddings.position_ids", "encoder.layers.0.mlp.fc1.bias", "text_projection.weight"];
    expect(namesOf(await opened(file("text_encoder_2", bare), "text_encoder_2"))).toEqual([
      "text_model.encoder.layers.0.mlp.fc1.bias",
      "text_projection.weight",
    ]);
    const full = ["text_model.embeddings.position_ids", "text_model.final_layer_norm.weight"];
    expect(namesOf(await opened(file("text_encoder", full), "text_encoder"))).toEqual([full[1]]);
    const both = ["final_layer_norm.weight", "text_model.final_layer_norm.weight"];
    await expect(opened(file("text_encoder", both), "text_encoder")).rejects.toMatchObject({
      code: "model-corrupt",
      message: expect.stringMatching(/under two names/),
    });
  });

  it("[CK16] an old autoencoder's attention has today's", async () => {
    const block = "decoder.mid_block.attentions.0";
    const old = ["group_norm.bias", "query.bias", "key.weight", "value.weight", "proj_attn.weight"];
    const file = "diffusion_pytorch_model.safetensors";
    const vae = await opened(
      withNetwork(
        "vae",
        file,
        old.map((name) => `${block}.${name}`),
      ),
      "vae_decoder",
    );
    const today = ["group_norm.bias", "to_q.bias", "to_k.weight", "to_v.weight", "to_out.0.weight"];
    expect(namesOf(vae)).toEqual(today.map((name) => `${block}.${name}`));
  });
});
