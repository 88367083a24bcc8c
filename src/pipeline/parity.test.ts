/** Agreement with diffusers: a folder that diffusers saved, drawn by this pipeline on real graphs, is the picture that diffusers draws. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import { diffusersSource } from "../checkpoint/diffusersFolder";
import { readModel } from "../checkpoint/model";
import { nodeModelFiles } from "../cli/nodeFiles";
import { type HostTensor, onHost } from "../core/tensor";
import { chooseBackend } from "../runtime/device/device";
import { createNetworks } from "../runtime/networks/diffusersNetworks";
import { loadNodeEngine } from "../runtime/ort/nodeEngine";
import { textToImage } from "./textToImage";

const FIXTURES = new URL("../runtime/__fixtures__/", import.meta.url);

interface StoredTensor {
  shape: number[];
  offset: number;
}
const { endToEnd } = JSON.parse(readFileSync(new URL("expected.json", FIXTURES), "utf8"));
const bytes = readFileSync(new URL("expected.bin", FIXTURES));
function stored({ shape, offset }: StoredTensor) {
  const count = shape.reduce((a, b) => a * b, 1);
  return new Float32Array(
    bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + 4 * count),
  );
}

// diffusers began at these latents, not at a seed of ours.
vi.mock(import("../core/random"), async (original) => ({
  ...(await original()),
  seededNoise: () => () => stored(endToEnd.initialLatents),
}));

const files = nodeModelFiles(fileURLToPath(new URL("small", FIXTURES)));

it("[P11] agrees with diffusers at every step and in the picture", async () => {
  const engine = loadNodeEngine(2);
  const model = await readModel(async (path) => (await files.open(path))?.text() ?? null);
  const networks = await createNetworks({
    source: diffusersSource(files),
    graphs: { ...files, families: ["graphs"] },
    engine,
    backend: await chooseBackend("wasm", engine),
  });
  const denoised: Float32Array[] = [];
  const finished: HostTensor[] = [];
  const { prompt } = await textToImage(
    {
      prompt: endToEnd.prompt,
      negativePrompt: endToEnd.negativePrompt,
      seed: 0n,
      steps: endToEnd.steps,
      guidanceScale: endToEnd.guidanceScale,
      guidanceRescale: 0,
      guidanceStart: 0,
      guidanceStop: 1,
      weights: "full",
      sampler: "ddim",
      eta: 0,
      widthPx: 32,
      heightPx: 48,
    },
    model,
    networks,
    {
      stage: () => undefined,
      step: async (progress) => void denoised.push(onHost(progress.denoised).data),
      isCancelled: async () => false,
      now: () => 0,
      finished: (latents) => void finished.push(latents),
    },
  );
  const [latents] = finished;
  if (!latents) return expect.fail("no latents");
  const planes = onHost(await networks.decode(latents));
  await networks.dispose();
  expect([...prompt.ids]).toEqual(endToEnd.promptIds);
  expect(planes.dims).toEqual([1, 3, 48, 32]);
  expect(relativeError(planes.data, stored(endToEnd.picture))).toBeLessThan(1e-3);
  // the last step goes to no noise, so its guess at the clean latent is the latent itself
  expect(relativeError(denoised.at(-1), stored(endToEnd.stepLatents.at(-1)))).toBeLessThan(1e-3);
});

function relativeError(got: Float32Array | undefined, want: Float32Array): number {
  const scale = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return (
    want.reduce((most, value, i) => Math.max(most, Math.abs((got?.[i] ?? Number.NaN) - value)), 0) / scale
  );
}
