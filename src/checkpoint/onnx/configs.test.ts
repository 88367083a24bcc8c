import { describe, expect, it } from "vitest";
import { onnxSource } from "./onnxSource";
import { type DialectLike, filesOf, folderOf, PUBLISHED, VAE, WIDTH } from "./testing";
import { BREADTH, DIALECTS, HEIGHT } from "./testingDialects";

type Configs = Readonly<Record<string, object>>;

async function read(path: string, dialect: DialectLike, own: Configs = {}): Promise<unknown> {
  const { files } = await onnxSource(filesOf({ ...folderOf(dialect), ...own }), PUBLISHED);
  const file = await files.open(path);
  return file && JSON.parse(await file.text());
}

const pinned = DIALECTS.find(([name]) => name.includes("pinned"))?.[1] ?? {};

describe("configurations of an ONNX folder", () => {
  it("[CK63] its own come first, beside the networks or above them", async () => {
    const own = { "scheduler/scheduler_config.json": { own: true } };
    expect(await read("scheduler/scheduler_config.json", {}, own)).toEqual({ own: true });
    const deep = { "onnx/scheduler/scheduler_config.json": { own: 2 } };
    const files = (network: string) => `onnx/${network}/model.onnx`;
    expect(await read("scheduler/scheduler_config.json", { files }, deep)).toEqual({ own: 2 });
    expect(await read("vae/config.json", {}, VAE)).toEqual(VAE["vae_decoder/config.json"]);
  });

  it("[CK63] what is missing is the published model's whose U-Net has such inputs, the words of CLIP for all", async () => {
    expect(await read("scheduler/scheduler_config.json", {})).toEqual({ _class_name: "PNDMScheduler" });
    expect(await read("tokenizer/vocab.json", {})).toEqual({ "!": 0 });
    const xl = await read("unet/config.json", { isTwo: true });
    expect(xl).toMatchObject({ cross_attention_dim: 2 * WIDTH, addition_embed_type: "text_time" });
    const lcm = await read("unet/config.json", { guidance: ["batch_size", 256] });
    expect(lcm).toMatchObject({ time_cond_proj_dim: 256 });
  });

  it("[CK63] how to pad comes from one model, not from two", async () => {
    const own = { "tokenizer/tokenizer_config.json": { pad_token: "own" } };
    expect(await read("tokenizer/tokenizer_config.json", {}, own)).toEqual({ pad_token: "own" });
    expect(await read("tokenizer/special_tokens_map.json", {}, own)).toBeNull();
    expect(await read("tokenizer/special_tokens_map.json", {})).toEqual({ pad_token: "!" });
  });

  it("[CK63] its own words in one file are not mixed with CLIP's in two", async () => {
    const own = { "tokenizer/tokenizer.json": { model: "own" } };
    expect(await read("tokenizer/tokenizer.json", {}, own)).toEqual({ model: "own" });
    expect(await read("tokenizer/vocab.json", {}, own)).toBeNull();
    expect(await read("tokenizer/merges.txt", {}, own)).toBeNull();
    expect(await read("tokenizer/tokenizer.json", {})).toBeNull();
  });

  it("[CK64] the configuration is corrected by what the graph pins, has and lacks", async () => {
    expect(await read("unet/config.json", pinned)).toMatchObject({
      in_channels: 4,
      sample_size: [HEIGHT, BREADTH],
    });
    const claims = {
      "unet/config.json": { in_channels: 9, time_cond_proj_dim: 256, addition_embed_type: "text_time" },
    };
    expect(await read("unet/config.json", pinned, claims)).toMatchObject({
      in_channels: 4,
      time_cond_proj_dim: null,
      addition_embed_type: null,
    });
  });

  it("[CK64] a decoder without norms is TAESD's: latents go in as they are", async () => {
    expect(await read("vae/config.json", {})).toMatchObject({
      _class_name: "AutoencoderTiny",
      scaling_factor: 1,
    });
  });

  it("[CK64] pipelines that run ONNX are called what they stand for", async () => {
    for (const name of [
      "OnnxStableDiffusionPipeline",
      "ORTStableDiffusionPipeline",
      "StableDiffusionPipeline",
    ])
      expect(await read("model_index.json", {}, { "model_index.json": { _class_name: name } })).toEqual({
        _class_name: "StableDiffusionPipeline",
      });
  });

  it("[CK65] without papers that fit: refused, naming what is missing", async () => {
    const hidden = ["encoder_hidden_states", "float32", ["batch_size", 77, 48]] as const;
    await expect(read("unet/config.json", { hidden })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/^The folder has no unet\/config.json, .*texts of width 48/),
    });
  });

  it("[CK66] wider models without a scheduler of their own are the few-step ones", async () => {
    const unet = { in_channels: 4, cross_attention_dim: 1024 };
    const published = {
      ...filesOf({
        "plain/unet/config.json": unet,
        "some-turbo/unet/config.json": unet,
        "some-turbo/x": { turbo: true },
        "plain/x": {},
      }),
      names: ["plain", "some-turbo"],
    };
    const hidden = ["encoder_hidden_states", "float32", ["batch_size", 77, 1024]] as const;
    const x = async (own: Configs) => {
      const { files } = await onnxSource(filesOf({ ...folderOf({ hidden }), ...own }), published);
      return (await files.open("x"))?.text();
    };
    expect(await x({})).toBe('{"turbo":true}');
    expect(await x({ "scheduler/scheduler_config.json": {} })).toBe("{}");
  });
});
