import fc from "fast-check";
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { Failure } from "../core/failure";
import { toUtf8 } from "./characters";
import { readJsonRecipe } from "./infotext/jsonRecipe";
import { readPictureRecipe } from "./pictureRecipe";
import { chunkBytes, concatenate, SIGNATURE } from "./pngChunks";

const SETTINGS = "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 512x512";
const end = chunkBytes("IEND", new Uint8Array());
const file = (...chunks: Uint8Array[]) => concatenate([SIGNATURE, ...chunks, end]);
const text = (keyword: string, value: string) => chunkBytes("tEXt", toUtf8(`${keyword}\0${value}`));
const parameters = (value: string) => readPictureRecipe(file(text("parameters", value)));

/** As SwarmUI writes it. */
const swarm = (more: object = {}) =>
  JSON.stringify(
    {
      sui_image_params: {
        prompt: "a cat",
        negativeprompt: "blurry",
        model: "Official/sd15",
        seed: 205,
        steps: 25,
        cfgscale: 7.5,
        aspectratio: "1:1",
        width: 512,
        height: 768,
        sampler: "dpmpp_2m",
        scheduler: "karras",
        automaticvae: true,
        swarm_version: "0.9.1.1",
        ...more,
      },
      sui_extra_data: { date: "2024-08-07", generation_time: "1 second" },
    },
    null,
    2,
  );

describe("readPictureRecipe", () => {
  it("reads a recipe behind and before any number of other texts", () => {
    const others = Array.from({ length: 40 }, (_, i) => text(`k${i}`, "x".repeat(i === 3 ? 2 ** 21 : 9)));
    const recipe = text("parameters", `a cat\n${SETTINGS}`);
    for (const picture of [file(...others, recipe), file(recipe, ...others)])
      expect(readPictureRecipe(picture).recipe).toMatchObject({ prompt: "a cat", seed: 5n });
  });

  it.each(["zTXt", "iTXt"])("reads compressed %s", (name) => {
    const head = name === "zTXt" ? "parameters\0\0" : "parameters\0\x01\0\0\0";
    const data = concatenate([toUtf8(head), zlibSync(toUtf8(`猫, ein Café\n${SETTINGS}`))]);
    expect(readPictureRecipe(file(chunkBytes(name, data))).recipe.prompt).toBe("猫, ein Café");
  });

  it("reads UTF-8 that stands where Latin-1 should", () => {
    expect(parameters(`テスト, ein Café\n${SETTINGS}`).recipe.prompt).toBe("テスト, ein Café");
  });

  it("reads SwarmUI's JSON", () => {
    expect(parameters(swarm())).toEqual({
      recipe: {
        prompt: "a cat",
        negativePrompt: "blurry",
        seed: 205n,
        steps: 25,
        guidanceScale: 7.5,
        guidanceRescale: 0,
        guidanceStart: 0,
        guidanceStop: 1,
        weights: "full",
        eta: 0,
        sampler: "dpmpp_2m",
        sigmaSpacing: "karras",
        widthPx: 512,
        heightPx: 768,
      },
      model: "Official/sd15",
      version: "0.9.1.1",
      missing: [],
      notHonoured: [],
    });
  });

  it("names of SwarmUI's JSON what is not honoured and what is missing", () => {
    const more = {
      seed: -1,
      loras: ["a", "b"],
      clipstopatlayer: -2,
      sampler: undefined,
      scheduler: undefined,
    };
    expect(parameters(swarm(more))).toMatchObject({
      missing: ["seed", "sampler"],
      notHonoured: ["loras: a, b", "clipstopatlayer: -2"],
    });
  });

  it("reads a seed in JSON to its last digit", () => {
    const json = swarm().replace("205", "9007199254740993");
    expect(parameters(json).recipe.seed).toBe(9007199254740993n);
  });

  it("reads the JSON of InvokeAI, NovelAI and Fooocus", () => {
    const invoke = {
      positive_prompt: "a cat",
      negative_prompt: "dog",
      seed: 7,
      steps: 9,
      cfg_scale: 3,
      scheduler: "dpmpp_2m_k",
      width: 64,
      height: 128,
      model: { name: "sd15" },
    };
    const wanted = { prompt: "a cat", negativePrompt: "dog", seed: 7n, steps: 9 };
    const read = readPictureRecipe(file(text("invokeai_metadata", JSON.stringify(invoke))));
    expect(read).toMatchObject({
      recipe: { ...wanted, sampler: "dpmpp_2m", sigmaSpacing: "karras" },
      model: "sd15",
      missing: [],
      notHonoured: [],
    });
    const novel = { prompt: "a cat", uc: "dog", seed: 7, steps: 9, scale: 3, sampler: "k_euler_ancestral" };
    expect(readPictureRecipe(file(text("Comment", JSON.stringify(novel))))).toMatchObject({
      recipe: { ...wanted, sampler: "euler_a", guidanceScale: 3 },
      missing: ["size"],
    });
    const fooocus = { prompt: "a cat", negative_prompt: "dog", seed: "7", steps: 9, resolution: "(64, 128)" };
    expect(parameters(JSON.stringify(fooocus))).toMatchObject({
      recipe: { ...wanted, widthPx: 64, heightPx: 128 },
      missing: ["sampler", "guidance"],
      notHonoured: [],
    });
  });

  it("takes a prompt in brackets for a prompt", () => {
    expect(parameters(`{a|b} cat\n${SETTINGS}`).recipe.prompt).toBe("{a|b} cat");
  });

  it("refuses a picture without a recipe", () => {
    for (const picture of [file(), file(text("Comment", "made by hand")), file(text("parameters", ""))])
      expect(() => readPictureRecipe(picture)).toThrow(Failure);
    expect(() => readPictureRecipe(file())).toThrow("no recipe inside");
  });

  it("never throws anything but a Failure, whatever the JSON", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        for (const value of [json, `{"sui_image_params": ${json}}`, `{"prompt": ${json}, "seed": ${json}}`])
          readJsonRecipe(value);
      }),
    );
  });
});
