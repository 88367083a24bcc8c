/** A model is understood from its configurations alone; published ones, and such as cannot be drawn with. */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Failure } from "../core/failure";
import { readModel } from "./model";

const PUBLISHED = new URL("../../models/published/", import.meta.url);
/** A small vocabulary in CLIP's format, for models that are not asked to read. */
const TOKENIZER = new URL("../runtime/__fixtures__/small/tokenizer/", import.meta.url);

type Json = Readonly<Record<string, unknown>>;
/** Keys of a paper that are other, or null for a paper that is not there. */
type Changes = Readonly<Record<string, Json | null>>;

/** The configurations of a published model, some of them changed. */
function papers(name: string, changes: Changes = {}) {
  return async (path: string): Promise<string | null> => {
    const change = changes[path];
    if (change === null) return null;
    const isWords = /^tokenizer(_2)?\/(vocab\.json|merges\.txt)$/.test(path);
    const file = isWords
      ? new URL(path.replace(/.*\//, ""), TOKENIZER)
      : new URL(`${name}/${path}`, PUBLISHED);
    const text = existsSync(fileURLToPath(file)) ? readFileSync(file, "utf8") : null;
    if (change === undefined) return text;
    return JSON.stringify({ ...JSON.parse(text ?? "{}"), ...change });
  };
}

const read = (name: string, changes?: Changes) => readModel(papers(name, changes), name);

async function refusal(name: string, changes: Changes): Promise<Pick<Failure, "code" | "message">> {
  return read(name, changes).then(
    () => expect.fail("was read"),
    ({ code, message }) => ({ code, message }),
  );
}

describe("published models", () => {
  it.each([
    ["sd15", "pndm", 25, 7.5, 512],
    ["sd21", "ddim", 25, 7.5, 768],
    ["sd21-base", "pndm", 25, 7.5, 512],
    ["sd-turbo", "euler", 4, 1, 512],
    ["sdxl", "euler", 25, 5, 1024],
    ["sdxl-turbo", "euler_a", 4, 1, 512],
    ["lcm-dreamshaper-v7", "lcm", 4, 8.5, 768],
    ["ssd-1b", "euler", 25, 5, 1024],
    ["segmind-vega", "euler", 25, 5, 1024],
    ["tiny-sd", "pndm", 25, 7.5, 512],
  ])(
    "[CK43] %s is drawn with %s in %d steps at guidance %d, %d pixels wide",
    async (name, sampler, steps, guidanceScale, side) => {
      const { card, latentChannels, pixelsPerLatent } = await read(name);
      expect(card.defaults).toEqual({ sampler, steps, guidanceScale, widthPx: side, heightPx: side });
      expect(card).toMatchObject({ name, summary: "", fewStep: null, vocabulary: null });
      expect([latentChannels, pixelsPerLatent]).toEqual([4, 8]);
      expect(card.sideMultiplePx).toBe(
        ["sd15", "sd21", "sd21-base", "sd-turbo", "lcm-dreamshaper-v7"].includes(name) ? 64 : 32,
      );
    },
  );

  it.each([
    ["sd15", 1, false, null, false],
    ["sdxl", 2, true, null, true],
    ["segmind-vega", 2, true, null, true],
    ["lcm-dreamshaper-v7", 1, false, 256, false],
  ])(
    "[CK43] %s has %d text encoders; sizes, guidance and missing prompts are told as it wants",
    async (name, encoders, wantsTimeIds, guidanceEmbeddingWidth, zerosForNoNegative) => {
      const model = await read(name);
      expect(model.tokenizers).toHaveLength(encoders);
      expect(model).toMatchObject({ wantsTimeIds, guidanceEmbeddingWidth, zerosForNoNegative });
    },
  );

  it("[CK43] pads a text as each of its tokenizers says", async () => {
    const vocab = JSON.parse(readFileSync(new URL("vocab.json", TOKENIZER), "utf8"));
    const [end, exclamation] = [vocab["<|endoftext|>"], vocab["!"]];
    const padsOf = async (name: string) =>
      (await read(name)).tokenizers.map((tokenizer) => tokenizer.encode("cat").ids.at(-1));
    expect(await padsOf("sd15")).toEqual([end]);
    expect(await padsOf("sd21")).toEqual([exclamation]);
    expect(await padsOf("sdxl")).toEqual([end, exclamation]);
  });

  it("[CK43] finds the end of a text as each text encoder's own configuration says", async () => {
    const changes = { "text_encoder_2/config.json": { eos_token_id: 33 } };
    const [first, second] = (await read("sdxl", changes)).tokenizers;
    expect(first.encode("cat").end).toBe(2);
    // id 33, "!", fills the text up
    expect(second?.encode("cat").end).toBe(3);
  });

  it("[CK43] reads a tokenizer that is saved in one file, as long as the text encoder's positions", async () => {
    const words = JSON.parse(readFileSync(new URL("vocab.json", TOKENIZER), "utf8"));
    const merges = readFileSync(new URL("merges.txt", TOKENIZER), "utf8").split("\n").slice(1, -1);
    const changes: Changes = {
      "tokenizer/vocab.json": null,
      "tokenizer/merges.txt": null,
      "tokenizer/tokenizer.json": { model: { type: "BPE", vocab: words, merges } },
      "tokenizer/tokenizer_config.json": null,
      "tokenizer/special_tokens_map.json": null,
      "text_encoder/config.json": { max_position_embeddings: 40 },
    };
    const wanted = (await read("sd15")).tokenizers[0].encode("a cat").ids;
    const got = (await read("sd15", changes)).tokenizers[0].encode("a cat").ids;
    expect([...got]).toEqual([...wanted.slice(0, 40)]);
  });

  it("[CK44] shows previews where it knows the latents, and only there", async () => {
    const mapOf = async (name: string, vae: Json = {}) =>
      (await read(name, { "vae/config.json": vae })).rgbMap;
    const [sd, sdxl] = [await mapOf("sd15"), await mapOf("sdxl")];
    expect(sd?.matrix).toHaveLength(4);
    expect(await mapOf("tiny-sd")).toEqual(sd);
    expect(await mapOf("ssd-1b")).toEqual(sdxl);
    expect(sdxl).not.toEqual(sd);
    const tiny = { _class_name: "AutoencoderTiny", scaling_factor: 1 };
    expect([await mapOf("sd15", tiny), await mapOf("sdxl", tiny)]).toEqual([sd, sdxl]);
    expect(await mapOf("sd15", { scaling_factor: 0.5 })).toBeNull();
  });

  it("[CK44] names the space of a model's latents, but none for one with a sidecar, which may have its own", async () => {
    const spaceOf = async (name: string, changes?: Changes) => (await read(name, changes)).latentSpace;
    const names = [
      "sd15",
      "sd21",
      "sd-turbo",
      "lcm-dreamshaper-v7",
      "sdxl",
      "sdxl-turbo",
      "ssd-1b",
      "segmind-vega",
    ];
    const spaces = ["sd", "sd", "sd", "sd", "sdxl", "sdxl", "sdxl", "sdxl"];
    expect(await Promise.all(names.map((name) => spaceOf(name)))).toEqual(spaces);
    const sidecar = JSON.parse(readFileSync("models/tinyworld/afterimage.json", "utf8"));
    expect(await spaceOf("sd15", { "afterimage.json": sidecar })).toBeNull();
  });
});

describe("configurations that say it otherwise", () => {
  const scheduler = "scheduler/scheduler_config.json";
  const drawnWith = async (change: Json, name = "sd15") => {
    const { card } = await read(name, { [scheduler]: change });
    return [card.defaults.sampler, card.summary];
  };

  it("[CK45] takes the nearest sampler for a scheduler that is not here, and says so", async () => {
    expect(await drawnWith({ _class_name: "HeunDiscreteScheduler" })).toEqual(["heun", ""]);
    expect(await drawnWith({ _class_name: "DPMSolverMultistepScheduler" })).toEqual(["dpmpp_2m", ""]);
    expect(await drawnWith({ _class_name: "TCDScheduler" })).toEqual([
      "lcm",
      "It asks for TCDScheduler, which is not here; its nearest kin draws instead.",
    ]);
    expect(await drawnWith({ _class_name: "BrandNewScheduler" })).toEqual([
      "euler",
      expect.stringContaining("BrandNewScheduler"),
    ]);
    const sde = {
      _class_name: "DPMSolverMultistepScheduler",
      algorithm_type: "sde-dpmsolver++",
      solver_order: 3,
    };
    expect(await drawnWith(sde)).toEqual([
      "dpmpp_2m",
      "It asks for DPMSolverMultistepScheduler, which is here without its noise on the way and its third order.",
    ]);
    const noise = { _class_name: "DPMSolverMultistepScheduler", algorithm_type: "dpmsolver" };
    expect(await drawnWith(noise)).toEqual([
      "euler",
      expect.stringMatching(/algorithm_type dpmsolver.*Euler draws/),
    ]);
    const clipped = { _class_name: "DPMSolverMultistepScheduler", lambda_min_clipped: -5.1 };
    expect(await drawnWith(clipped)).toEqual(["euler", expect.stringContaining("lambda_min_clipped -5.1")]);
    const unipc = { _class_name: "UniPCMultistepScheduler", predict_x0: false };
    expect(await drawnWith(unipc)).toEqual(["euler", expect.stringMatching(/predict_x0 false.*Euler draws/)]);
    expect((await drawnWith({ skip_prk_steps: false }))[1]).toMatch(/without its Runge-Kutta start/);
  });

  it("[CK46] takes no velocity model with trailing timesteps for one that draws in few steps", async () => {
    const noob = {
      prediction_type: "v_prediction",
      rescale_betas_zero_snr: true,
      timestep_spacing: "trailing",
    };
    const { card } = await read("sdxl", { [scheduler]: noob });
    expect(card.defaults).toMatchObject({ steps: 25, guidanceScale: 5 });
  });

  it("[CK46] takes LCM's scheduler without a guidance embedding for few steps without guidance", async () => {
    const { card } = await read("sd15", { [scheduler]: { _class_name: "LCMScheduler" } });
    expect(card.defaults).toMatchObject({ sampler: "lcm", steps: 4, guidanceScale: 1 });
  });

  it("[CK47] reads steps_offset as 1 where diffusers' pipeline does", async () => {
    const offsetOf = async (name: string) =>
      (await read(name, { [scheduler]: { steps_offset: 0 } })).schedulerConfig.stepsOffset;
    expect([await offsetOf("sd15"), await offsetOf("sdxl")]).toEqual([1, 0]);
  });

  it("[CK47] needs no model_index.json, and lets it turn the zeros off", async () => {
    const index = "model_index.json";
    expect((await read("sdxl", { [index]: null })).zerosForNoNegative).toBe(true);
    const off = { [index]: { force_zeros_for_empty_prompt: false } };
    expect((await read("sdxl", off)).zerosForNoNegative).toBe(false);
  });
});

describe("models that cannot be drawn with", () => {
  const unet = "unet/config.json";
  const flux = {
    "model_index.json": { _class_name: "FluxPipeline" },
    [unet]: null,
    "transformer/config.json": {},
  };
  it.each<[string, string, Changes, RegExp]>([
    ["an inpainting U-Net", "sd15", { [unet]: { in_channels: 9 } }, /9 channels.* mask .*inpainting/],
    ["one that edits", "sd15", { [unet]: { in_channels: 8 } }, /8 channels.*another picture/],
    ["one that gives variances", "sd15", { [unet]: { out_channels: 8 } }, /gives 8 channels/],
    [
      "one that wants a class",
      "sd15",
      { [unet]: { class_embed_type: "timestep" } },
      /class_embed_type "timestep"/,
    ],
    [
      "one that wants a picture",
      "sdxl",
      { [unet]: { addition_embed_type: "image" } },
      /addition_embed_type "image"/,
    ],
    ["a refiner", "sdxl", { "text_encoder/config.json": null }, /refiner/],
    ["half of SDXL", "sdxl", { "text_encoder_2/config.json": null }, /text_encoder_2.* is missing/],
    ["no text encoder", "sd15", { "text_encoder/config.json": null }, /no prompt can be read/],
    ["a transformer", "sd15", flux, /FluxPipeline, whose transformer is no U-Net/],
    [
      "flow matching",
      "sd15",
      { "scheduler/scheduler_config.json": { _class_name: "FlowMatchEulerDiscreteScheduler" } },
      /FlowMatchEulerDiscreteScheduler/,
    ],
  ])("[CK48] refuses %s in a sentence", async (_, name, changes, message) => {
    expect(await refusal(name, changes)).toEqual({
      code: "unsupported",
      message: expect.stringMatching(message),
    });
  });

  it("[CK48] names the paper that is missing or damaged", async () => {
    expect(await refusal("sd15", { [unet]: null })).toEqual({
      code: "model-corrupt",
      message: expect.stringMatching(/^unet\/config\.json is missing/),
    });
    expect(await refusal("sd15", { [unet]: { block_out_channels: "320" } })).toEqual({
      code: "model-corrupt",
      message: expect.stringMatching(/^unet\/config\.json: block_out_channels/),
    });
  });
});
