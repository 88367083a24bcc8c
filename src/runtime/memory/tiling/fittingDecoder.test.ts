import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { recordingEngine } from "../../../bench/instruments/recordingEngine";
import { nodeModelFiles } from "../../../cli/nodeFiles";
import { Failure, type FailureCode } from "../../../core/failure";
import { elementCount, type HostTensor, onHost } from "../../../core/tensor";
import { chooseBackend } from "../../device/device";
import { createNetworks } from "../../networks/diffusersNetworks";
import { loadNodeEngine } from "../../ort/nodeEngine";
import { maxDifference, smallModel } from "../../testing";
import { tensorLimit } from "./fittingDecoder";
import { smoothLatents } from "./testing";

const fixtures = nodeModelFiles(fileURLToPath(new URL("../../__fixtures__/", import.meta.url)));
const engine = loadNodeEngine(2);
const backend = await chooseBackend("wasm", engine);
/** Of 20 x 36 latents, which the small decoder makes 160 x 288 pixels of 8 channels. */
const WHOLE_BYTES = 160 * 288 * 8 * 4;
const LATENTS = smoothLatents(4, 20, 36);

/** The small model; what its decoder was fed; latents of more than `fitting` numbers fail there. */
async function open(
  tensorBytes: number,
  fitting = Number.POSITIVE_INFINITY,
  code: FailureCode = "out-of-memory",
) {
  const recorder = recordingEngine(engine);
  const options = { ...smallModel(fixtures), engine: recorder.engine, backend, tensorBytes };
  const networks = await createNetworks(options);
  const fed: (readonly number[])[] = [];
  recorder.listen(async ({ network, feeds }, run) => {
    if (network !== "vae_decoder") return run();
    const dims = feeds["latent_sample"]?.dims ?? [];
    fed.push(dims);
    if (elementCount(dims) > fitting) throw new Failure(code, "no memory");
    return run();
  });
  const decode = async (latents: HostTensor) => onHost(await networks.decode(latents));
  return { decode, fed, dispose: () => networks.dispose() };
}

it("a decode whose largest tensor is more than may be is done in tiles, and is the same picture", async () => {
  const [roomy, tight] = [await open(WHOLE_BYTES), await open(WHOLE_BYTES - 1)];
  const [whole, tiled] = [await roomy.decode(LATENTS), await tight.decode(LATENTS)];
  expect(roomy.fed).toEqual([LATENTS.dims]);
  expect(tight.fed).toEqual([
    [1, 4, 20, 24],
    [1, 4, 20, 24],
  ]);
  expect(tiled.dims).toEqual([1, 3, 160, 288]);
  expect(maxDifference(tiled.data, whole.data)).toBeLessThan(2 / 127.5);
  await roomy.dispose();
  await tight.dispose();
});

it("what runs out of memory is tried in tiles half as large, and the next time at once", async () => {
  const { decode, fed, dispose } = await open(Number.POSITIVE_INFINITY, 4 * 20 * 18);
  await decode(LATENTS);
  const parts = [1, 4, 20, 18];
  expect(fed).toEqual([LATENTS.dims, parts, parts, parts]);
  await decode(LATENTS);
  expect(fed.slice(4)).toEqual([parts, parts, parts]);
  await dispose();
});

it("says so where not even the smallest tile fits, and other failures are not tried again", async () => {
  const nowhere = await open(Number.POSITIVE_INFINITY, 0);
  await expect(nowhere.decode(LATENTS)).rejects.toMatchObject({
    code: "out-of-memory",
    message: expect.stringMatching(/even a small part of the picture takes .* MiB/),
  });
  expect(nowhere.fed.length).toBeGreaterThan(1);
  await nowhere.dispose();
  const lost = await open(Number.POSITIVE_INFINITY, 0, "device-lost");
  await expect(lost.decode(LATENTS)).rejects.toMatchObject({ code: "device-lost" });
  expect(lost.fed).toHaveLength(1);
  await lost.dispose();
});

it("the CPU has no limit for one tensor", () => {
  expect(tensorLimit(backend)).toBe(Number.POSITIVE_INFINITY);
});
