/** A decode on the GPU in tiles, since no tensor may be as large as its largest, against one in one piece on the CPU, which is faster here. */

import { recordingEngine } from "../../src/bench/instruments/recordingEngine";
import type { ModelFiles } from "../../src/checkpoint/modelFiles";
import { type Backend, chooseBackend } from "../../src/runtime/device/device";
import { createNetworks } from "../../src/runtime/networks/diffusersNetworks";
import type { Engine } from "../../src/runtime/ort/engine";
import type { Started } from "../../src/runtime/start";
import { maxDifference, smallModel } from "../../src/runtime/testing";
import type { Answer } from "./page";

/** Latents [1, 4, h, w], of which the small decoder makes planes of 8 · h x 8 · w, in 8 channels at most. */
const LATENTS = [1, 4, 16, 40] as const;
const LARGEST_BYTES = 4 * 8 * (8 * LATENTS[2]) * (8 * LATENTS[3]);

export async function tiles(fixtures: ModelFiles, { engine, backend }: Started): Promise<Answer> {
  const cpu = await chooseBackend("wasm", engine);
  const whole = await decoded(fixtures, engine, cpu, LARGEST_BYTES);
  const tiled = await decoded(fixtures, engine, backend, LARGEST_BYTES - 1);
  return {
    numbers: {
      "passes for the whole": whole.passes,
      "passes in tiles": tiled.passes,
      pixels: maxDifference(tiled.pixels, whole.pixels),
      "brightest number": whole.pixels.reduce(
        (most, level, i) => (i % 4 < 3 ? Math.max(most, level) : most),
        0,
      ),
    },
    words: {},
  };
}

/** The small decoder's pixels, and how many passes it took, where a tensor may take so many bytes. */
async function decoded(fixtures: ModelFiles, engine: Engine, backend: Backend, tensorBytes: number) {
  const recorder = recordingEngine(engine);
  const options = { ...smallModel(fixtures), engine: recorder.engine, backend, tensorBytes };
  const networks = await createNetworks(options);
  let passes = 0;
  recorder.listen(({ network }, run) => {
    passes += network === "vae_decoder" ? 1 : 0;
    return run();
  });
  const { latentDevice } = networks;
  const scope = latentDevice.open(LATENTS, 7n);
  const { bytes } = await latentDevice.rgba(await networks.decode(scope.noise()), null);
  scope.close();
  await networks.dispose();
  return { pixels: Float32Array.from(bytes), passes };
}
