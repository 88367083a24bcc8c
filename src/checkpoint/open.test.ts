import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  mergedGraphs,
  nodeGraphLibrary,
  nodeModelFiles,
  nodePublishedConfigs,
  nodeSingleFile,
} from "../cli/nodeFiles";
import { folderOf, must } from "../runtime/testing";
import { openSource } from "./open";

const inRepository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const SMALL = inRepository("src/runtime/__fixtures__/small");
const supplies = {
  graphs: nodeGraphLibrary(inRepository("models/graphs")),
  published: nodePublishedConfigs(inRepository("models/published")),
};

describe("the kind of a model", () => {
  it("[CK4] is diffusers' where a folder has a unet, whatever lies beside it", async () => {
    expect((await openSource(nodeModelFiles(SMALL), supplies)).kind).toBe("diffusers");
    const folder = folderOf({ "unet/model.safetensors": "", "a.safetensors": "", "vae/model.onnx": "" });
    expect((await openSource(folder, supplies)).kind).toBe("diffusers");
  });

  it.each<[string, Parameters<typeof folderOf>[0], string, RegExp]>([
    ["nothing", {}, "model-missing", /^Wanted a model: .*; got nothing\.$/],
    ["pictures", { "a.png": "", "b/c.png": "" }, "model-missing", /got a\.png, b\/c\.png\.$/],
    [
      "two models",
      { "a.safetensors": "", "b.safetensors": "" },
      "bad-request",
      /Wanted one model, got a.*, b/,
    ],
    ["a pickle", { "model.ckpt": "x" }, "unsupported", /^model\.ckpt is a pickle/],
  ])("[CK5] %s: says what was wanted and what came", async (_, files, code, message) => {
    const opening = openSource(folderOf(files), supplies);
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("[CK6] a .safetensors is read before pickles beside it", async () => {
    const files = folderOf({ "model.ckpt": "x", "model.safetensors": "<html>" });
    await expect(openSource(files, supplies)).rejects.toMatchObject({
      message: expect.stringMatching(/^model\.safetensors/),
    });
  });
});

describe("folders on a disk", () => {
  it("[CK7] list their files to open, and nothing else can be opened", async () => {
    const { paths, open } = nodeModelFiles(SMALL);
    expect(paths).toContain("unet/config.json");
    expect(paths).toEqual([...paths].sort());
    for (const path of paths) expect(await open(path), path).not.toBeNull();
    for (const path of ["../expected.json", "unet", "", "/etc/passwd"]) expect(await open(path)).toBeNull();
    expect(() => nodeModelFiles(`${SMALL}/nowhere`)).toThrow(
      expect.objectContaining({ code: "model-missing" }),
    );
  });

  it("[CK8] one file is a folder of that file", async () => {
    const files = nodeSingleFile(`${SMALL}/unet/config.json`);
    expect(files.paths).toEqual(["config.json"]);
    expect(await (await must(files, "config.json")).text()).toContain("cross_attention_dim");
    expect(await files.open("diffusion_pytorch_model.safetensors")).toBeNull();
    expect(() => nodeSingleFile(SMALL)).toThrow(expect.objectContaining({ code: "model-missing" }));
  });

  it("[CK9] of two libraries of graphs, the first has a family that both have", async () => {
    const own = { ...folderOf({ "sd1/family.json": "mine", "sd1/x.onnx": "mine" }), families: ["sd1"] };
    const merged = mergedGraphs(own, supplies.graphs);
    expect(merged.families.filter((name) => name === "sd1")).toHaveLength(1);
    expect(await (await must(merged, "sd1/family.json")).text()).toBe("mine");
    expect(await merged.open("sd1/unet.f32.onnx")).toBeNull();
    expect(await merged.open("tinyworld/unet.f32.onnx")).not.toBeNull();
    expect(new Set(merged.paths).size).toBe(merged.paths.length);
  });
});
