/** The plan of a model is known before a byte of it comes, and every refusal says what to do. */

import { describe, expect, it } from "vitest";
import { planFromHub } from "./hub";
import {
  BASE,
  COMMIT,
  CONFIG_FILES,
  type Files,
  hub,
  INDEX,
  origin,
  SD,
  SHA,
  WANTED,
  weights,
} from "./hub/testing";

const paths = (plan: { files: readonly { path: string }[] }) => plan.files.map(({ path }) => path).sort();

describe("a repository in diffusers' layout", () => {
  it("gives the files that the model is made of, half-size ones first, from one commit, by two questions", async () => {
    const { fetch, asked } = hub(SD);
    const plan = await planFromHub(origin(), { fetch });
    expect(paths(plan)).toEqual(WANTED);
    expect(asked).toEqual([
      "GET /api/models/owner/name/revision/main?blobs=true",
      `GET /owner/name/resolve/${COMMIT}/model_index.json`,
    ]);
    expect(plan).toMatchObject({ name: "name", licence: "openrail++", origin: origin() });
    expect(plan.totalBytes).toBe(plan.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    const unet = plan.files.find(({ path }) => path.startsWith("unet/diffusion"));
    expect(unet).toEqual({
      path: "unet/diffusion_pytorch_model.fp16.safetensors",
      url: `${BASE}/owner/name/resolve/${COMMIT}/unet/diffusion_pytorch_model.fp16.safetensors`,
      sizeBytes: 100,
      sha256: SHA,
    });
    expect(plan.files.find(({ path }) => path === "unet/config.json")?.sha256).toBeNull();
  });

  it.each([true, false])(
    "plans the same where the host does not list its files (heads: %s)",
    async (heads) => {
      const { fetch } = hub(SD, { lists: false, heads });
      const plan = await planFromHub(origin({ revision: "refs/pr/1" }), { fetch });
      expect(paths(plan)).toEqual(WANTED);
      const unet = plan.files.find(({ path }) => path.startsWith("unet/diffusion"));
      expect(unet).toMatchObject({ sizeBytes: 100, sha256: heads ? SHA : null });
      expect(unet?.url).toContain("/owner/name/resolve/refs%2Fpr%2F1/unet/");
      expect(plan.licence).toBeNull();
    },
  );

  it("takes whole files where there are no halves, one by one, and optional configs only where they are", async () => {
    const { "tokenizer/special_tokens_map.json": _, ...configs } = CONFIG_FILES;
    const { "vae/diffusion_pytorch_model.fp16.safetensors": __, ...halves } = weights(".fp16", 100);
    const plan = await planFromHub(origin(), hub({ ...configs, ...weights("", 200), ...halves }));
    expect(paths(plan)).toContain("vae/diffusion_pytorch_model.safetensors");
    expect(paths(plan)).toContain("unet/diffusion_pytorch_model.fp16.safetensors");
    expect(paths(plan)).not.toContain("unet/diffusion_pytorch_model.safetensors");
    expect(paths(plan)).not.toContain("tokenizer/special_tokens_map.json");
  });

  const shard = (n: number) => `diffusion_pytorch_model-0000${n}-of-00002.safetensors`;
  const sharded = (second: string): Files => {
    const { "unet/diffusion_pytorch_model.safetensors": _, ...others } = weights("", 200);
    const weight_map = { "conv_in.weight": shard(1), "conv_in.bias": shard(1), "conv_out.weight": second };
    return {
      ...CONFIG_FILES,
      ...others,
      "unet/diffusion_pytorch_model.safetensors.index.json": { size: 90_000, body: { weight_map } },
      [`unet/${shard(1)}`]: { size: 5e9, sha256: SHA },
      [`unet/${shard(2)}`]: { size: 5e9, sha256: SHA },
    };
  };

  it("takes an index with each of its shards once", async () => {
    const plan = await planFromHub(origin(), hub(sharded(shard(2))));
    expect(paths(plan).filter((path) => path.startsWith("unet/"))).toEqual([
      "unet/config.json",
      `unet/${shard(1)}`,
      `unet/${shard(2)}`,
      "unet/diffusion_pytorch_model.safetensors.index.json",
    ]);
  });

  it.each(["../../vae/x.safetensors", "/etc/passwd", "a/b.safetensors", "x.bin"])(
    "believes no index that names %s as a shard",
    async (name) => {
      const planned = planFromHub(origin(), hub(sharded(name)));
      await expect(planned).rejects.toMatchObject({ code: "model-corrupt" });
    },
  );

  it.each([true, false])(
    "takes a tokenizer that is saved in one file, or neither form (listed: %s)",
    async (lists) => {
      const { "tokenizer/vocab.json": vocab, "tokenizer/merges.txt": _, ...rest } = SD;
      const one = { ...rest, "tokenizer/tokenizer.json": { size: 2_224_003 } };
      const plan = await planFromHub(origin(), hub(one, { lists }));
      expect(paths(plan)).toContain("tokenizer/tokenizer.json");
      const both = { ...SD, "tokenizer/tokenizer.json": { size: 2_224_003 } };
      expect(paths(await planFromHub(origin(), hub(both, { lists })))).not.toContain(
        "tokenizer/tokenizer.json",
      );
      const half = { ...rest, ...(vocab && { "tokenizer/vocab.json": vocab }) };
      await expect(planFromHub(origin(), hub(half, { lists }))).rejects.toMatchObject({
        code: "model-missing",
        message: expect.stringMatching(/neither tokenizer\/vocab\.json .* nor tokenizer\/tokenizer\.json/),
      });
    },
  );

  it("needs no settings of a tokenizer", async () => {
    const { "tokenizer/tokenizer_config.json": _, ...rest } = SD;
    expect(paths(await planFromHub(origin(), hub(rest)))).toContain("tokenizer/merges.txt");
  });

  it("takes both encoders and tokenizers of SDXL, and what our own models have besides", async () => {
    const index = {
      ...INDEX,
      text_encoder_2: ["transformers", "CLIPTextModelWithProjection"],
      tokenizer_2: ["transformers", "CLIPTokenizer"],
      image_encoder: [null, null],
    };
    const second: Files = {
      "text_encoder_2/config.json": { size: 575 },
      "text_encoder_2/model.fp16.safetensors": { size: 1e9, sha256: SHA },
      "tokenizer_2/vocab.json": { size: 1 },
      "tokenizer_2/merges.txt": { size: 1 },
      "tokenizer_2/tokenizer_config.json": { size: 1 },
      "afterimage.json": { size: 1 },
      "few_step/pytorch_lora_weights.safetensors": { size: 1 },
      "taesd/config.json": { size: 1 },
      "taesd/diffusion_pytorch_model.safetensors": { size: 1 },
    };
    const plan = await planFromHub(
      origin(),
      hub({ ...SD, ...second, "model_index.json": { size: 609, body: index } }),
    );
    expect(paths(plan)).toEqual(expect.arrayContaining(Object.keys(second)));
  });

  it("refuses pickles, other kinds of pipelines, and repositories with a part missing, each by name", async () => {
    const pickles: Files = { ...CONFIG_FILES, "text_encoder/pytorch_model.bin": { size: 1 } };
    await expect(planFromHub(origin(), hub(pickles))).rejects.toThrow(
      /text_encoder\/pytorch_model\.bin is a pickle.*run code.*Choose a copy/,
    );
    const other = {
      _class_name: "StableDiffusion3Pipeline",
      transformer: ["diffusers", "SD3Transformer2DModel"],
    };
    const sd3 = hub({ "model_index.json": { size: 1, body: other } });
    await expect(planFromHub(origin(), sd3)).rejects.toThrow(
      "This is a StableDiffusion3Pipeline, of transformer",
    );
    const { "vae/config.json": _, ...torn } = SD;
    await expect(planFromHub(origin(), hub(torn))).rejects.toThrow("The repository has no vae/config.json");
  });
});

describe("other repositories", () => {
  const flat: Files = {
    "text_encoder.onnx": { size: 1 },
    "unet.onnx": { size: 2 },
    "vae_decoder.onnx": { size: 3 },
    "vae_encoder.onnx": { size: 3 },
    "tokenizer/vocab.json": { size: 4 },
    "tokenizer/merges.txt": { size: 5 },
    "notes.json": { size: 6 },
  };
  const folders: Files = {
    "model_index.json": { size: 1, body: { ...INDEX, unet: ["diffusers", "OnnxRuntimeModel"] } },
    "text_encoder/model.onnx": { size: 1 },
    "unet/model.onnx": { size: 1 },
    "unet/model_int8.onnx.data": { size: 9 },
    "vae_decoder/model.onnx": { size: 1 },
    "vae_decoder/config.json": { size: 1 },
    "tokenizer/vocab.json": { size: 1 },
    "tokenizer/merges.txt": { size: 1 },
  };

  it("ready-made ONNX networks bring a tokenizer that is saved in one file", async () => {
    const { "tokenizer/vocab.json": _, ...rest } = flat;
    const one = { ...rest, "tokenizer/tokenizer.json": { size: 4 } };
    expect(paths(await planFromHub(origin(), hub(one)))).toContain("tokenizer/tokenizer.json");
    const both = { ...flat, "tokenizer/tokenizer.json": { size: 4 } };
    expect(paths(await planFromHub(origin(), hub(both)))).not.toContain("tokenizer/tokenizer.json");
  });

  it("ready-made ONNX networks come with their weights, lying flat or in folders", async () => {
    const { "vae_encoder.onnx": _, "notes.json": __, ...wanted } = flat;
    expect(paths(await planFromHub(origin(), hub(flat)))).toEqual(Object.keys(wanted).sort());
    const more: Files = {
      ...folders,
      "unet/model_layernorm.onnx": { size: 1 },
      "safety_checker/model.onnx": { size: 1 },
    };
    expect(paths(await planFromHub(origin(), hub(more)))).toEqual(Object.keys(folders).sort());
    const unlisted: Files = { ...folders, "unet/weights.pb": { size: 9 } };
    const { "unet/model_int8.onnx.data": ___, ...usual } = unlisted;
    expect(paths(await planFromHub(origin(), hub(usual, { lists: false })))).toEqual(
      Object.keys(usual).sort(),
    );
    const { "vae_decoder.onnx": ____, ...torn } = flat;
    await expect(planFromHub(origin(), hub(torn))).rejects.toThrow("no vae_decoder; wanted");
  });

  it("one .safetensors is a model; several are a question, pickles and nothing a refusal", async () => {
    const one = await planFromHub(
      origin(),
      hub({ "x/one.safetensors": { size: 7, sha256: SHA }, "README.md": { size: 1 } }),
    );
    expect(one.files).toMatchObject([{ path: "one.safetensors", sizeBytes: 7, sha256: SHA }]);
    const two = hub({ "a.safetensors": { size: 1 }, "b.safetensors": { size: 1 } });
    await expect(planFromHub(origin(), two)).rejects.toThrow(
      "a.safetensors, b.safetensors. Give the address of one",
    );
    await expect(planFromHub(origin(), hub({ "sd.ckpt": { size: 1 } }))).rejects.toThrow(
      "sd.ckpt is a pickle",
    );
    await expect(planFromHub(origin(), hub({}))).rejects.toThrow("found no files");
    await expect(planFromHub(origin(), hub({}, { lists: false }))).rejects.toThrow("does not list its files");
  });

  it("an address of a file is planned by its hub if it is on one, else by its own answer", async () => {
    const { fetch, asked } = hub({ "a b.safetensors": { size: 7, sha256: SHA } });
    const blob = await planFromHub(
      { kind: "url", url: `${BASE}/owner/name/blob/main/a%20b.safetensors#top` },
      { fetch },
    );
    expect(blob).toMatchObject({
      name: "a b",
      totalBytes: 7,
      files: [{ path: "a b.safetensors", sha256: SHA }],
    });
    expect(asked).toEqual(["GET /api/models/owner/name/revision/main?blobs=true"]);
    const bare = await planFromHub(
      { kind: "url", url: `${BASE}/api/download/models/128713?type=Model` },
      { fetch: async () => new Response(null, { headers: { "Content-Length": "12" } }) },
    );
    expect(bare.files).toEqual([
      {
        path: "128713.safetensors",
        url: `${BASE}/api/download/models/128713?type=Model`,
        sizeBytes: 12,
        sha256: null,
      },
    ]);
    const signed = async (_: string, { method }: RequestInit = {}) => {
      if (method === "HEAD") throw new TypeError("Failed to fetch");
      return new Response("x", { status: 206, headers: { "Content-Range": "bytes 0-0/12" } });
    };
    const headless = await planFromHub({ kind: "url", url: `${BASE}/a.safetensors` }, { fetch: signed });
    expect(headless.totalBytes).toBe(12);
    const silent = { fetch: async () => new Response("x") };
    await expect(planFromHub({ kind: "url", url: `${BASE}/a.safetensors` }, silent)).rejects.toThrow(
      "how large",
    );
    for (const url of [`${BASE}/a.ckpt`, `${BASE}/a.zip`, "ftp://x/a.safetensors", "a.safetensors"])
      await expect(planFromHub({ kind: "url", url }, silent)).rejects.toThrow();
  });
});
