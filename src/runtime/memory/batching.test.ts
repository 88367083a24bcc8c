/** Texts go through the U-Net together as long as they were not seen to be too much for the memory. */

import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { recordingEngine } from "../../bench/instruments/recordingEngine";
import { nodeModelFiles } from "../../cli/nodeFiles";
import { Failure } from "../../core/failure";
import { type HostTensor, onHost } from "../../core/tensor";
import { asTimestep } from "../../core/units";
import { chooseBackend } from "../device/device";
import { createNetworks } from "../networks/diffusersNetworks";
import { loadNodeEngine } from "../ort/nodeEngine";
import { PLAIN, smallModel, textOf } from "../testing";

const fixtures = nodeModelFiles(fileURLToPath(new URL("../__fixtures__/", import.meta.url)));
const engine = loadNodeEngine(1);
const backend = await chooseBackend("wasm", engine);

/** Latents of zeros, so many numbers wide and high. */
function latentsOf(side: number): HostTensor {
  return { dims: [1, 4, side, side], data: new Float32Array(4 * side * side) };
}

/** The small model, in whose memory no batch of two latents of `side` or more fits; and how many texts each run was asked about. */
async function crowded(side: number, code: "out-of-memory" | "device-lost" = "out-of-memory") {
  const recorder = recordingEngine(engine);
  const networks = await createNetworks({ ...smallModel(fixtures), engine: recorder.engine, backend });
  const asked: number[] = [];
  recorder.listen(async ({ network, feeds }, run) => {
    if (network !== "unet") return run();
    const [texts = 0, , height = 0] = feeds["sample"]?.dims ?? [];
    asked.push(texts);
    if (texts > 1 && height >= side) throw new Failure(code, "no memory");
    return run();
  });
  const texts = [await networks.encode(textOf([1, 5, 2])), await networks.encode(textOf([1, 4, 2]))];
  const predict = (latents: HostTensor) => networks.predict(latents, asTimestep(500), texts, PLAIN);
  return { networks, asked, predict };
}

it("a batch that does not fit is asked again text by text, and not tried again at that size or above", async () => {
  const { networks, asked, predict } = await crowded(8);
  const predictions = await predict(latentsOf(8));
  expect(asked).toEqual([2, 1, 1]);
  await predict(latentsOf(8));
  await predict(latentsOf(16));
  expect(asked.slice(3)).toEqual([1, 1, 1, 1]);
  await predict(latentsOf(4));
  expect(asked.slice(7)).toEqual([2]);
  const roomy = await crowded(1000);
  const together = await roomy.predict(latentsOf(8));
  for (const [i, each] of predictions.entries()) {
    const differences = onHost(together[i] ?? each).data.map((z, at) => z - (onHost(each).data[at] ?? 9));
    expect(Math.max(...differences.map(Math.abs))).toBeLessThan(1e-5);
  }
  await networks.dispose();
  await roomy.networks.dispose();
});

it("any other failure is nobody's business here", async () => {
  const { networks, asked, predict } = await crowded(8, "device-lost");
  await expect(predict(latentsOf(8))).rejects.toMatchObject({ code: "device-lost" });
  expect(asked).toEqual([2]);
  await networks.dispose();
});
