import { describe, expect, it } from "vitest";
import { readInfotext } from "./readInfotext";

const CORE = "CFG scale: 7, Seed: 5, Size: 512x512, Version: v1.10.1";
const settings = (more: string) => readInfotext(`a cat\nSteps: 20, ${more}, ${CORE}`);

describe("settings wherever they stand", () => {
  const whole = { prompt: "a cat", negativePrompt: "blurry", steps: 20, seed: 5n, widthPx: 512 };

  it.each([
    [
      "a line break inside a quoted setting",
      `a cat\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, Wildcard prompt: "a\nb: c", ${CORE}`,
    ],
    [
      "a line break inside a setting without quotation marks",
      `a cat\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, Wildcard prompt: a\nb, ${CORE}`,
    ],
    [
      "a line after the settings",
      `a cat\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, ${CORE}\nmade with love\n`,
    ],
    [
      "a template after the settings",
      `a cat\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, ${CORE}\nTemplate: a {cat|dog}, x\nNegative Template: blurry`,
    ],
    [
      "each setting on a line",
      `a cat\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, ${CORE}`.replaceAll(", ", ",\n"),
    ],
    [
      "Windows' line ends",
      `a cat\r\nNegative prompt: blurry\r\nSteps: 20, Sampler: Euler, ${CORE}\r\nnote\r\n`,
    ],
    ["no line breaks at all", `a cat Negative prompt: blurry Steps: 20, Sampler: Euler, ${CORE}`],
    [
      "settings before the negative prompt",
      `a cat\nSteps: 20, Sampler: Euler, ${CORE}\nNegative prompt: blurry`,
    ],
    ["settings in another order", `a cat\nNegative prompt: blurry\nSampler: Euler, Steps: 20, ${CORE}`],
    [
      "settings in another order before a note",
      `a cat\nNegative prompt: blurry\nSampler: Euler, Steps: 20, ${CORE}\nnote`,
    ],
  ])("are found with %s", (_, text) => {
    expect(readInfotext(text)).toMatchObject({ recipe: whole, missing: [], notHonoured: [] });
  });

  it("are the last that begin so, even if the prompt has such a line", () => {
    const { recipe } = readInfotext(`Steps: 3, a, b\na cat\nSteps: 20, Sampler: Euler, ${CORE}`);
    expect(recipe).toMatchObject({ prompt: "Steps: 3, a, b\na cat", steps: 20 });
  });
});

describe("settings that change the picture", () => {
  it.each([
    ["Sampler: DPM++ 2M, Schedule type: Karras", "dpmpp_2m", "karras"],
    ["Sampler: DPM++ 2M Karras", "dpmpp_2m", "karras"],
    ["Sampler: DPM++ 2M, Schedule type: Automatic", "dpmpp_2m", "karras"],
    ["Sampler: Euler, Schedule type: Automatic", "euler", "trained"],
    ["Sampler: Euler a, Schedule type: Exponential", "euler_a", "exponential"],
    ["Sampler: Heun Exponential", "heun", "exponential"],
    ["Sampler: k_euler_ancestral, Schedule type: normal", "euler_a", "trained"],
    ["Sampler: uni_pc_bh2, Schedule type: Uniform", "unipc", "trained"],
    ["Sampler: PLMS", "pndm", undefined],
    ["Sampler: DDIM, Schedule type: Uniform", "ddim", undefined],
  ])("are honoured: %s", (line, sampler, sigmaSpacing) => {
    const { recipe, notHonoured, missing } = settings(line);
    expect([recipe.sampler, recipe.sigmaSpacing, notHonoured, missing]).toEqual([
      sampler,
      sigmaSpacing,
      [],
      [],
    ]);
  });

  it.each([
    "Clip skip: 2",
    "ENSD: 31337",
    "RNG: CPU",
    "Hires upscale: 2",
    "Hires steps: 10",
    "Hires upscaler: Latent",
    "Denoising strength: 0.7",
    "VAE: vae-ft-mse-840000-ema-pruned.safetensors",
    "Variation seed: 7",
    "Face restoration: CodeFormer",
    "Token merging ratio: 0.5",
    "Tiling: True",
    "Eta: 0.5",
    "Emphasis: No norm",
    "Refiner: xl-refiner",
    "A setting of tomorrow: 1",
    "CFG rescale: 7",
    "Eta DDIM: 1.5",
    "Weights: half",
  ])("are named where there is nothing like them: %s", (line) => {
    expect(settings(`Sampler: Euler, ${line}`).notHonoured).toEqual([line]);
  });

  it("are named with a sampler that we have not, or one that has no spacing", () => {
    expect(settings("Sampler: DPM++ 3M SDE Karras").notHonoured).toEqual(["Sampler: DPM++ 3M SDE Karras"]);
    expect(settings("Sampler: DPM++ 3M SDE").recipe.sampler).toBeUndefined();
    expect(settings("Sampler: DDIM, Schedule type: Karras").notHonoured).toEqual(["Schedule type: Karras"]);
    expect(settings("Sampler: Euler, Schedule type: Beta").notHonoured).toEqual(["Schedule type: Beta"]);
    expect(settings("Schedule type: Karras").notHonoured).toEqual(["Schedule type: Karras"]);
  });

  it.each([
    "Steps: 0",
    "Steps: 1001",
    "Seed: 18446744073709551616",
    "CFG scale: 1.2.3",
    "Size: 512",
    "Size: 0x8",
  ])("are named with a value that is none: %s", (line) => {
    const text = `a cat\nSteps: 20, Sampler: Euler, ${CORE}`.replace(
      new RegExp(`${line.split(":")[0]}: [^,]*`),
      line,
    );
    expect(readInfotext(text)).toMatchObject({
      recipe: { prompt: "a cat" },
      missing: [],
      notHonoured: [line],
    });
  });

  it("are named with marks in a prompt, but not in our own", () => {
    const prompt = "a (red:1.2) hat, [x:y:0.5] <lora:hat:0.8> BREAK dog";
    const foreign = readInfotext(`${prompt}\nSteps: 20, Sampler: Euler, ${CORE}`);
    expect(foreign.notHonoured).toEqual([
      "Emphasis in the prompt: (red:1.2)",
      "Parts of the prompt: BREAK",
      "Tag in the prompt: <lora:hat:0.8>",
    ]);
    const ours = `${prompt}\nSteps: 20, Sampler: Euler, ${CORE.replace("v1.10.1", "Afterimage 1.2.3")}`;
    expect(readInfotext(ours).notHonoured).toEqual([]);
  });

  it("are not those that say what happens anyway, or only name things", () => {
    const line =
      "Sampler: Euler, Model hash: 45dee52b, Model: m, Clip skip: 1, RNG: NV, Tiling: False, ENSD: 0, User: me, " +
      'Hashes: {"model": "45dee52b", "x": "y"}';
    expect(settings(line)).toMatchObject({ model: "m", notHonoured: [] });
    expect(settings('Sampler: Euler, Hashes: {"lora:a": "1"}').notHonoured).toHaveLength(1);
    expect(settings("Sampler: Euler, VAE hash: 1, VAE: a").notHonoured).toEqual(["VAE: a"]);
  });
});

describe("what is there is used, what is missing is said", () => {
  it("with both prompts and no settings", () => {
    expect(readInfotext("a cat, style: oil, mood: warm, place: here\nNegative prompt: blurry")).toEqual({
      recipe: { prompt: "a cat, style: oil, mood: warm, place: here", negativePrompt: "blurry" },
      model: "",
      version: "",
      missing: ["seed", "steps", "sampler", "guidance", "size"],
      notHonoured: [],
    });
  });

  it.each([
    ["no size", "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 5", ["size"]],
    ["seed -1", "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: -1, Size: 8x8", ["seed"]],
    ["no seed", "Steps: 20, Sampler: Euler, CFG scale: 7, Size: 8x8", ["seed"]],
    ["steps alone", "Steps: 20", ["seed", "sampler", "guidance", "size"]],
    ["width and height", "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Width: 8, Height: 16", []],
  ])("with %s", (_, line, missing) => {
    const stated = readInfotext(`a cat\n${line}`);
    expect(stated).toMatchObject({ recipe: { prompt: "a cat", steps: 20 }, missing, notHonoured: [] });
    if (missing.includes("seed")) expect(stated.recipe).not.toHaveProperty("seed");
    if (missing.includes("size")) expect(stated.recipe).not.toHaveProperty("widthPx");
  });

  it("of a picture of AUTOMATIC1111 with all that it says", () => {
    const foreign = [
      "girl with an artist's beret, ((eyeshadow)), detailed: yes",
      "second line",
      "Negative prompt: ugly, (((deformed))), [blurry]",
      'Steps: 20, Sampler: Euler a, CFG scale: 7.5, Seed: 9007199254740993, Size: 512x768, Model hash: 45dee52b, Model: my-model-v1, TI hashes: "a: 1, b: 2", Clip skip: 2, Version: v1.10.1',
    ].join("\n");
    expect(readInfotext(foreign)).toEqual({
      recipe: {
        prompt: "girl with an artist's beret, ((eyeshadow)), detailed: yes\nsecond line",
        negativePrompt: "ugly, (((deformed))), [blurry]",
        seed: 9007199254740993n,
        steps: 20,
        guidanceScale: 7.5,
        guidanceRescale: 0,
        guidanceStart: 0,
        guidanceStop: 1,
        weights: "full",
        sampler: "euler_a",
        eta: 0,
        widthPx: 512,
        heightPx: 768,
      },
      model: "my-model-v1",
      version: "v1.10.1",
      missing: [],
      notHonoured: ["TI hashes: a: 1, b: 2", "Clip skip: 2", "Emphasis in the prompt: (eyeshadow)"],
    });
  });
});
