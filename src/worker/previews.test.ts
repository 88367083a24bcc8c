/** A picture's previews are detailed as often as that is worth its time, and nothing of them stays open. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readModel } from "../checkpoint/model";
import { nodeModelFiles } from "../cli/nodeFiles";
import type { Rgba, RgbMap } from "../core/pixels";
import type { Recipe } from "../core/recipe";
import { type HostTensor, onHost } from "../core/tensor";
import { previewRgba } from "../image/latentPreview";
import { toRgba } from "../image/pixels";
import { hostLatentDevice } from "../pipeline/hostLatentDevice";
import { textToImage } from "../pipeline/textToImage";
import { chooseBackend } from "../runtime/device/device";
import { createNetworks } from "../runtime/networks/diffusersNetworks";
import { hostNetworkRunner } from "../runtime/networks/networkRunner";
import { folderIn, openPreviewDecoder, type PreviewDecoder } from "../runtime/networks/tinyDecoder";
import { loadNodeEngine } from "../runtime/ort/nodeEngine";
import { smallFiles, smallModel } from "../runtime/testing";
import { findPreviewDecoder } from "./opening/findPreviewDecoder";
import { Previews } from "./previews";

const fixtures = nodeModelFiles(fileURLToPath(new URL("../runtime/__fixtures__/", import.meta.url)));
const engine = loadNodeEngine(1);
const backend = await chooseBackend("wasm", engine);
const on = { ...smallModel(fixtures), engine, backend };
const tiny = folderIn(fixtures, "small/vae");
const MAP: RgbMap = {
  matrix: [
    [0.3, 0.2, 0.2],
    [0.2, 0.3, 0.2],
    [-0.2, 0.2, 0.3],
    [-0.2, -0.3, -0.5],
  ],
  bias: [0, 0, 0],
};
const STEP_MS = 100;
const RECIPE: Recipe = {
  prompt: "cat",
  negativePrompt: "",
  seed: 3n,
  sampler: "ddim",
  steps: 8,
  guidanceScale: 2,
  guidanceRescale: 0,
  guidanceStart: 0,
  guidanceStop: 1,
  eta: 0,
  weights: "full",
  widthPx: 32,
  heightPx: 48,
};

const openTiny = () =>
  openPreviewDecoder({
    files: tiny,
    graphs: on.graphs,
    engine,
    backend,
    runner: hostNetworkRunner,
    latentChannels: 4,
  });

/** A run of the small model whose steps take STEP_MS of a clock that each decode moves on by `decodeMs`. */
async function run(decoder: PreviewDecoder | null, decodeMs: number) {
  let nowMs = 0;
  let inFlight = 0;
  const slow: PreviewDecoder | null = decoder && {
    async decode(latents) {
      expect(++inFlight).toBe(1);
      nowMs += decodeMs;
      const planes = await decoder.decode(latents);
      inFlight--;
      return planes;
    },
    dispose: () => decoder.dispose(),
  };
  const previews = new Previews(MAP, slow, () => nowMs);
  const networks = await createNetworks(on);
  const model = await readModel(async (path) => (await smallFiles(fixtures).open(path))?.text() ?? null);
  const seen: { readonly denoised: HostTensor; readonly shown: Rgba | null }[] = [];
  const picture = previews.ofPicture();
  await textToImage(RECIPE, model, networks, {
    stage: (stage) => stage === "denoise" && picture.begin(),
    async step(step) {
      nowMs += STEP_MS;
      const at = { denoised: onHost(step.denoised), shown: null as Rgba | null };
      seen.push(at);
      await picture.after(step, (image) => {
        at.shown = image;
      });
    },
    isCancelled: async () => false,
    now: () => nowMs,
  });
  await networks.dispose();
  return { previews, seen };
}

it("the guesses of a run come through the decoder, at the picture's own size, as it decodes them", {
  timeout: 120_000,
}, async () => {
  const { previews, seen } = await run(await openTiny(), 1);
  const other = await openTiny();
  expect(seen).toHaveLength(RECIPE.steps);
  for (const { denoised, shown } of seen.slice(0, -1))
    expect(shown).toEqual(toRgba(onHost(await other.decode(denoised))));
  expect(seen[0]?.shown).toMatchObject({ widthPx: 32, heightPx: 48 });
  await other.dispose();
  await previews.dispose();
});

it("the linear map shows the steps between, and the last one, which the picture follows", {
  timeout: 120_000,
}, async () => {
  const { previews, seen } = await run(await openTiny(), 20);
  // Two to learn what one costs, 40 ms; with the sixth step a tenth of the steps' time has room for another 20.
  const widths = seen.map(({ shown }) => shown?.widthPx);
  expect(widths).toEqual([32, 32, 4, 4, 4, 32, 4, 4]);
  const last = seen.at(-1) ?? expect.fail("no step");
  expect(last.shown).toEqual(previewRgba(last.denoised, MAP));
  await previews.dispose();
});

it("without a decoder, and after one that fails, every preview is linear, and the picture is drawn", {
  timeout: 120_000,
}, async () => {
  const decoder = await openTiny();
  let asked = 0;
  const failing = {
    ...decoder,
    decode: () => {
      asked++;
      const wrong: HostTensor = { dims: [1, 3, 1, 1], data: new Float32Array(3) };
      return decoder.decode(wrong);
    },
  };
  for (const each of [null, failing]) {
    const { seen } = await run(each, 1);
    expect(seen.map(({ shown }) => shown?.widthPx)).toEqual(Array(RECIPE.steps).fill(4));
  }
  expect(asked).toBe(1);
});

it("disposing gives the decoder back, once", async () => {
  let disposed = 0;
  const decoder = await openTiny();
  const counted = {
    ...decoder,
    dispose: () => {
      disposed++;
      return decoder.dispose();
    },
  };
  const previews = new Previews(null, counted, () => 0);
  await previews.dispose();
  await previews.dispose();
  expect(disposed).toBe(1);
  const denoised: HostTensor = { dims: [1, 4, 1, 1], data: new Float32Array(4) };
  const shown: Rgba[] = [];
  await previews
    .ofPicture()
    .after({ step: 1, steps: 2, denoised, latentDevice: hostLatentDevice }, (image) => shown.push(image));
  await hostLatentDevice.done();
  expect(shown).toEqual([]);
});

const config = JSON.parse(
  readFileSync(new URL("../runtime/__fixtures__/small/vae/config.json", import.meta.url), "utf8"),
);

/** A library of tiny decoders by repository, or by name and `_name_or_path`. */
function libraryOf(
  ...kept: readonly { repository?: string; name?: string; path?: string; isOther?: true }[]
) {
  const models = kept.map(({ repository, name = "decoder", path, isOther }, i) => ({
    modelId: `${i}`,
    name,
    origin: repository
      ? ({ kind: "hub", baseUrl: "https://x", repository, revision: "main" } as const)
      : null,
    licence: null,
    state: "ready" as const,
    keptBytes: 1,
    totalBytes: 1,
    files: 2,
    isTinyDecoder: true,
    damagedPaths: [],
    config: JSON.stringify({
      ...config,
      ...(path && { _name_or_path: path }),
      ...(isOther && { _class_name: "AutoencoderKL" }),
    }),
  }));
  return {
    list: async () => models,
    open: async (modelId: string) => ({
      name: modelId,
      paths: tiny.paths,
      open: async (path: string) =>
        path === "config.json" ? new File([models[Number(modelId)]?.config ?? ""], path) : null,
    }),
  };
}

const NOTHING = { paths: [], open: async () => null };
const found = async (latentSpace: "sd" | "sdxl" | null, library: ReturnType<typeof libraryOf>) =>
  (await (await findPreviewDecoder({ latentSpace }, NOTHING, library))?.open("config.json"))?.text() ?? null;

it("a kept decoder serves the latents that it was made for, by repository, _name_or_path or name, and no others", async () => {
  const both = libraryOf({ repository: "madebyollin/taesd" }, { path: "madebyollin/taesdxl" });
  expect(await found("sd", both)).toBe(
    await (await both.open("0")).open("config.json").then((f) => f?.text()),
  );
  expect(await found("sdxl", both)).toContain("madebyollin/taesdxl");
  expect(await found(null, both)).toBeNull();
  expect(await found("sdxl", libraryOf({ name: "taesd" }))).toBeNull();
  expect(await found("sdxl", libraryOf({ name: "taesdxl" }))).not.toBeNull();
  expect(await found("sd", libraryOf({ repository: "a/vae", name: "vae" }))).toBeNull();
  expect(await found("sd", libraryOf({ repository: "madebyollin/taesd", isOther: true }))).toBeNull();
});

it("one beside the model comes before all others, whatever the model's latents", async () => {
  const files = {
    paths: ["unet/config.json", ...tiny.paths.map((path) => `taesd/${path}`)],
    open: (path: string) => tiny.open(path.slice("taesd/".length)),
  };
  const kept = libraryOf({ repository: "madebyollin/taesd" });
  for (const latentSpace of [null, "sd"] as const)
    expect((await findPreviewDecoder({ latentSpace }, files, kept))?.paths).toEqual(tiny.paths);
});
