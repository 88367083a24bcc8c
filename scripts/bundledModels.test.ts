import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Plugin } from "vite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundledModels } from "./bundledModels";

let root = "";
const put = (path: string, text: string) => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "box-"));
  put("main.js", 'import * as box from "virtual:bundled-model"; globalThis.box = { ...box };');
  put("tiny/model_index.json", "{}");
  put("tiny/unet/weights.safetensors", "weights");
  put("tiny/README.md", "for people");
  put("tiny/NOTES.md", "for its makers");
  put("tiny/samples.png", "pictures");
  put("graphs/fam/family.json", "{}");
  put("graphs/fam/unet.f32.onnx", "graph");
  put("graphs/another/family.json", "{}");
  put("graphs/unfinished/unet.f32.onnx", "no family yet");
  put("published/sd15/unet/config.json", "config");
  put("published/clip/vocab.json", "vocabulary");
  put("catalogue.json", "[]");
});
afterEach(() => rmSync(root, { recursive: true }));

/** Builds a site around the bundle: its scripts as one text, and its other files by name. */
async function site(
  entry = "main.js",
  ...others: Plugin[]
): Promise<{ script: string; assets: Record<string, string> }> {
  const built = await build({
    configFile: false,
    root,
    logLevel: "silent",
    plugins: [
      bundledModels({ model: join(root, "tiny"), graphs: join(root, "graphs/fam"), library: root }),
      ...others,
    ],
    build: { write: false, minify: false, rolldownOptions: { input: join(root, entry) } },
  });
  const { output } = [built].flat()[0] as Extract<typeof built, { output: unknown }>;
  const script = output.flatMap((file) => (file.type === "chunk" ? [file.code] : [])).join("\n");
  const assets = output.flatMap((file) =>
    file.type === "asset" ? [[file.fileName, Buffer.from(file.source).toString()]] : [],
  );
  return { script, assets: Object.fromEntries(assets) };
}

describe("the bundled model", () => {
  it("lies in folders named by their content, listed with size and hash, and without notes", async () => {
    const { script, assets } = await site();
    expect(Object.values(assets).sort()).toEqual(
      ["for people", "graph", "weights", "{}", "{}", "{}", "config", "vocabulary", "[]"].sort(),
    );
    const places =
      "tiny-#|tiny-documents-#|graphs-#/fam|graphs-#/another|published-#/sd15|published-#/clip|catalogue-#";
    for (const name of Object.keys(assets)) {
      expect(name).toMatch(new RegExp(`^models/(${places.replaceAll("#", "[0-9a-f]{12}")})/`));
      expect(script).toContain(name);
    }
    expect(script).toContain(createHash("sha256").update("weights").digest("hex"));
    expect(script).toMatch(/"models\/tiny-[0-9a-f]{12}\/unet\/weights.safetensors",\s*7,/);
    expect(script).toMatch(/families = \["fam",\s*"another"\]/);
    expect(script).toMatch(/publishedNames = \["sd15"\]/);
  });

  it("changes its address when a byte changes, and only then", async () => {
    const folders = async () =>
      [...new Set(Object.keys((await site()).assets).map((name) => name.split("/")[1]))].sort();
    const before = await folders();
    put("tiny/NOTES.md", "for other makers");
    expect(await folders()).toEqual(before);
    put("tiny/unet/weights.safetensors", "weighty");
    const after = await folders();
    expect(after.filter((folder) => !before.includes(folder))).toEqual([
      expect.stringMatching(/^tiny-[0-9a-f]+$/),
    ]);
  });

  it("has the model's configs apart from the model, so that new words cost nobody the weights again", async () => {
    put("tiny/evaluation.json", '{"judge":1}');
    put("tiny/evaluation/samplers.png", "plot");
    put("tiny/evaluation/raw/more.png", "too much");
    const names = async () => Object.keys((await site()).assets).sort();
    const before = await names();
    const documents = before.flatMap(
      (name) => name.match(/^models\/tiny-documents-[0-9a-f]{12}\/(.*)$/)?.[1] ?? [],
    );
    expect(documents).toEqual(["README.md", "evaluation.json", "evaluation/samplers.png"]);
    put("tiny/evaluation.json", '{"judge":2}');
    const gone = before.filter((name) => !name.includes("documents"));
    const after = await names();
    expect(after.filter((name) => before.includes(name))).toEqual(gone);
    expect(after).toHaveLength(before.length);
  });

  it.each([
    ["tiny/model_index.json", /The box has no model: .*model_index\.json is not there; train it/],
    ["graphs/fam/family.json", /The box has no graphs: .*family\.json is not there; export them/],
    ["catalogue.json", /The box has no catalogue: .*catalogue\.json is not there; write it/],
  ])("without %s there is no build, and one sentence why", async (path, sentence) => {
    rmSync(join(root, path));
    await expect(site()).rejects.toThrow(sentence);
  });

  it("is listed only as far as a script uses it", async () => {
    put("page.js", 'import { documents } from "virtual:bundled-model"; globalThis.box = documents;');
    const { script } = await site("page.js");
    expect(script).toContain("README.md");
    expect(script).not.toContain("safetensors");
    expect(script).not.toContain("published");
  });

  it("is built whole or not at all: a file that changes meanwhile ends the build", async () => {
    const change = { name: "change", buildEnd: () => put("tiny/unet/weights.safetensors", "weighty") };
    await expect(site("main.js", change)).rejects.toThrow(
      /weights\.safetensors changed while the site was built/,
    );
  });
});
