import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBenchReport } from "../bench/report";
import { readPictureRecipe } from "../image/pictureRecipe";
import { encodePng } from "../image/png";
import { type DrawReport, draw } from "./draw";
import { readGenerateOptions } from "./options";

const SMALL = fileURLToPath(new URL("../runtime/__fixtures__/small", import.meta.url));
const SIDECAR = {
  name: "Small: a model",
  summary: "Random weights.",
  licence: "MIT",
  defaults: { sampler: "euler", steps: 2, guidanceScale: 3, width: 48, height: 32 },
  few_step: {
    weights: "few_step/pytorch_lora_weights.safetensors",
    sampler: "ddim",
    steps: 3,
    guidanceScale: 1,
  },
  preview: {
    matrix: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ],
    bias: [0, 0, 0],
  },
  vocabulary: { words: ["a", "cat", "on", "grass"] },
  examples: [{ prompt: "a cat on grass", seed: "1" }],
};

/** A folder for pictures, and in it the small model with a sidecar. */
let folder = "";
let location: string[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-"));
  for (const name of readdirSync(SMALL)) symlinkSync(join(SMALL, name), join(folder, name));
  writeFileSync(join(folder, "afterimage.json"), JSON.stringify(SIDECAR));
  location = ["--model", folder, "--graphs", folder, "--threads", "2"];
});
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
const sha256 = (name: string) =>
  createHash("sha256")
    .update(readFileSync(path(name)))
    .digest("hex");

/** Draws in this process. */
async function drawn(out: string, ...argv: string[]): Promise<DrawReport & { told: string[] }> {
  const options = readGenerateOptions([...argv, "--out", path(out), ...location]);
  if (options === null) throw new Error("help was not asked for");
  const told: string[] = [];
  return { ...(await draw(options, (sentence) => told.push(sentence))), told };
}

/** Runs the command as people do. */
function command(name: "generate" | "bench", ...argv: string[]) {
  const script = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, ["--import", "tsx", script, ...argv], (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe("generate", { timeout: 90_000 }, () => {
  it("gives the same bytes for the same recipe, and others for another seed", async () => {
    const [one, again, other] = [
      await drawn("1.png", "a cat", "--seed", "1"),
      await drawn("1b.png", "a cat", "--seed", "1"),
      await drawn("2.png", "a cat", "--seed", "2"),
    ];
    expect(again.sha256).toBe(one.sha256);
    expect(other.sha256).not.toBe(one.sha256);
    expect([sha256("1.png"), sha256("2.png")]).toEqual([one.sha256, other.sha256]);
  });

  it("takes from the model's sidecar what was not asked for, and tells what it drew", async () => {
    const report = await drawn("told.png", "A cat on a Zebra, 猫");
    expect(report).toMatchObject({
      model: "Small: a model",
      sampler: "euler",
      steps: 2,
      guidance: 3,
      size: "48x32",
      backend: "processor, 2 threads",
      unknownWords: ["Zebra", "猫"],
      overflow: "",
      tokenLimit: 75,
    });
    expect(report.seed).toMatch(/^\d{1,10}$/);
    expect(report.told.filter((sentence) => sentence.startsWith("step"))).toEqual([
      "step 1 of 2",
      "step 2 of 2",
    ]);
    expect(report.promptMatch).toBeNull();
    const known = await drawn("known.png", "A cat on grass");
    expect(known.promptMatch).toBeGreaterThanOrEqual(0);
    expect(known.promptMatch).toBeLessThanOrEqual(100);
    const { load, encode, denoise, decode, match, png, total } = known.timingsMs;
    expect(Math.min(load, encode, denoise, decode, png)).toBeGreaterThanOrEqual(0);
    expect(match).toBeGreaterThan(0);
    expect(load + encode + denoise + decode + match + png).toBeLessThanOrEqual(total + 1);
  });

  it("draws a picture again from nothing but its own file", async () => {
    const argv = [
      "line one\n  Negative prompt: 猫",
      "--negative",
      'blue, "grey"',
      "--sampler",
      "ddim",
      "--eta",
      "0.3",
    ];
    const first = await drawn(
      "first.png",
      ...argv,
      "--guidance",
      "2.5",
      "--rescale",
      "0.7",
      "--size",
      "32x64",
    );
    const again = await drawn("again.png", "--from", path("first.png"));
    expect(again.sha256).toBe(first.sha256);
    expect(again.told).not.toContainEqual(expect.stringContaining("drawn by"));
    const changed = await drawn("changed.png", "--from", path("first.png"), "--seed", "7");
    expect(changed).toMatchObject({ seed: "7", guidance: 2.5, eta: 0.3, size: "32x64" });
    expect(readPictureRecipe(readFileSync(path("changed.png")))).toMatchObject({
      recipe: { prompt: argv[0], negativePrompt: argv[2], seed: 7n },
      model: "Small: a model",
    });
  });

  it("says so when the picture comes from another model and another program", async () => {
    const parameters = "a cat\nSteps: 1, Sampler: Euler a, CFG scale: 1, Seed: 5, Size: 32x32, Model: other";
    const pixel = { widthPx: 1, heightPx: 1, bytes: new Uint8ClampedArray(4) };
    writeFileSync(path("foreign.png"), encodePng(pixel, { parameters }));
    const { told } = await drawn("redrawn.png", "--from", path("foreign.png"));
    expect(told.slice(0, 2)).toEqual([
      expect.stringContaining('"other"'),
      expect.stringContaining("another program"),
    ]);
  });

  it("draws with the few-step weights at its own settings, and again from the picture alone", async () => {
    const full = await drawn("full.png", "a cat", "--seed", "1", "--sampler", "ddim", "--guidance", "1");
    const quick = await drawn("quick.png", "--from", path("full.png"), "--few-step");
    expect(full).toMatchObject({ weights: "full", steps: 2 });
    expect(quick).toMatchObject({ weights: "few_step", sampler: "ddim", steps: 3, guidance: 1, seed: "1" });
    expect((await drawn("again.png", "--from", path("quick.png"))).sha256).toBe(quick.sha256);
    const { sha256 } = await drawn("more.png", "--from", path("full.png"), "--few-step", "--steps", "2");
    expect(sha256).not.toBe(full.sha256);
  });

  it("guides the steps asked for, tells which, and does so again from the picture alone", async () => {
    const argv = ["a cat", "--seed", "1", "--steps", "4"];
    const whole = await drawn("whole.png", ...argv);
    const part = await drawn("part.png", ...argv, "--guidance-start", "0.25", "--guidance-stop", "0.5");
    expect(whole).toMatchObject({ guidanceStart: 0, guidanceStop: 1 });
    expect(part).toMatchObject({ guidanceStart: 0.25, guidanceStop: 0.5 });
    expect(part.sha256).not.toBe(whole.sha256);
    expect((await drawn("again.png", "--from", path("part.png"))).sha256).toBe(part.sha256);
    const all = ["--guidance-start", "0", "--guidance-stop", "1"];
    expect((await drawn("again.png", "--from", path("part.png"), ...all)).sha256).toBe(whole.sha256);
    const quick = await drawn("quick.png", "--from", path("part.png"), "--few-step");
    expect(quick).toMatchObject({ guidance: 1, guidanceStart: 0, guidanceStop: 1 });
  });

  it("says so if the model has no few-step weights", async () => {
    const { few_step, ...others } = SIDECAR;
    writeFileSync(path("afterimage.json"), JSON.stringify(others));
    await expect(drawn("refused.png", "a", "--few-step")).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringMatching(/^Small: a model has no few-step weights/),
    });
    writeFileSync(path("afterimage.json"), JSON.stringify({ ...others, few_step }));
  });

  it.each([
    ["a picture that is not there", ["--from", "/nowhere/a.png"], "cannot be read"],
    ["a picture that is none", ["--from", `${SMALL}/model_index.json`], "not a PNG"],
    ["sides that do not fit", ["a", "--size", "33x32"], "multiples of"],
    [
      "guidance that stops before it starts",
      ["a", "--guidance-start", "0.6", "--guidance-stop", "0.5"],
      "got start 0.6",
    ],
  ])("refuses %s", async (_, argv, sentence) => {
    await expect(drawn("refused.png", ...argv)).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining(sentence),
    });
    expect(readdirSync(folder)).not.toContain("refused.png");
  });

  it("looks before it draws whether the picture can be written", async () => {
    await expect(drawn("no/such/x.png", "a")).rejects.toThrow(/no folder/);
    await expect(drawn("unet", "a")).rejects.toThrow(/is a folder/);
    const pixel = { widthPx: 1, heightPx: 1, bytes: new Uint8ClampedArray(4) };
    writeFileSync(path("bare.png"), encodePng(pixel, {}));
    await expect(drawn("x.png", "--from", path("bare.png"))).rejects.toThrow(/no recipe inside/);
  });
});

it("finds the bundled model and its graphs, whatever the working directory", {
  timeout: 90_000,
}, async () => {
  const argv = [
    "a cat on grass at sunset",
    "--steps",
    "1",
    "--seed",
    "1",
    "--out",
    path("box.png"),
    "--threads",
    "2",
  ];
  const options = readGenerateOptions(argv);
  if (options === null) throw new Error("help was not asked for");
  const report = await draw(options, () => undefined);
  expect(report).toMatchObject({
    model: "TinyWorld",
    unknownWords: [],
    overflow: "",
    sha256: sha256("box.png"),
  });
});

describe("the commands as they are typed", { timeout: 90_000 }, () => {
  it("generate prints one line of JSON on stdout and nothing else there", async () => {
    const { status, stdout, stderr } = await command(
      "generate",
      "a cat",
      "--seed",
      "1",
      "--out",
      path("typed.png"),
      ...location,
    );
    expect(status).toBe(0);
    expect(stdout.split("\n")).toEqual([expect.any(String), ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      seed: "1",
      sha256: sha256("typed.png"),
      out: path("typed.png"),
    });
    expect(stderr).toContain("step 2 of 2");
  });

  it("answers a wrong option with one sentence and status 2, a missing model with 1", async () => {
    const [wrong, missing] = await Promise.all([
      command("generate", "a cat", "--steps", "many", "--out", "x.png"),
      command("generate", "a cat", "--out", path("x.png"), "--model", "/nowhere"),
    ]);
    expect(wrong).toEqual({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/^--steps wants [^\n]*"many"[^\n]*\n$/),
    });
    expect(missing).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^\/nowhere is no folder[^\n]*\n$/),
    });
  });

  it("bench prints one line: a report of this machine and this model", async () => {
    const { status, stdout } = await command("bench", "--quick", "--pictures", "3", ...location);
    expect(status).toBe(0);
    expect(stdout.split("\n")).toHaveLength(2);
    const report = readBenchReport(JSON.parse(stdout));
    expect(report).toMatchObject({
      recipe: { sampler: "euler", steps: 2, guidance: 3, widthPx: 48, heightPx: 32 },
      pictures: 3,
      backend: "wasm",
      engine: { build: "plain" },
      versions: { onnxruntime: "1.30.0" },
      naive: { levelsApart: 0 },
    });
    expect(report.machine).toMatchObject({ threads: 2, program: `Node ${process.versions.node}` });
    expect(report.medianMs.picture).toBeGreaterThan(report.medianMs.predict + report.medianMs.decode);
    expect(report.totalOverBareCalls).toBeGreaterThan(0.5);
    expect(report.memory.courses).toMatchObject([{ kind: "process" }]);
  });
});
