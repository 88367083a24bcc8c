import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { nodeModelFiles } from "../cli/nodeFiles";
import { asTimestep } from "../core/units";
import { chooseBackend } from "./device";
import { createNetworks } from "./networks";
import { loadNodeEngine } from "./ortNode";
import { Expected, PLAIN, smallModel, textOf } from "./testing";
import { warmUp } from "./warmUp";

const fixtures = nodeModelFiles(fileURLToPath(new URL("./__fixtures__/", import.meta.url)));
const { endToEnd } = await Expected.read(fixtures);
const engine = loadNodeEngine(2);
const picture = {
  dims: [1, 4, 6, 4],
  timestep: asTimestep(999),
  texts: [textOf(endToEnd.promptIds), textOf(endToEnd.negativePromptIds)],
  extras: PLAIN,
};

it("[WU1] asks every network that draws, for the size and the texts of a picture, and tells of each", async () => {
  const backend = await chooseBackend("wasm", engine);
  const networks = await createNetworks({ ...smallModel(fixtures), engine, backend });
  const asked: string[] = [];
  networks.sessions.tap((name, session) => ({
    ...session,
    run(feeds) {
      const { sample, latent_sample } = feeds;
      asked.push(`${name} ${(sample ?? latent_sample)?.dims.join("x")}`);
      return session.run(feeds);
    },
    runFor(feeds, outputs) {
      asked.push(name);
      return session.runFor(feeds, outputs);
    },
  }));
  const told: string[] = [];
  await warmUp(networks, picture, (done, total) => told.push(`${done} of ${total} after ${asked.length}`));
  await networks.dispose();
  expect(asked).toEqual(["text_encoder", "text_encoder", "unet 2x4x6x4", "vae_decoder 1x4x6x4"]);
  expect(told).toEqual(["1 of 3 after 2", "2 of 3 after 3", "3 of 3 after 4"]);
});

it("[WU2] one that fails says why", async () => {
  const backend = await chooseBackend("wasm", engine);
  const networks = await createNetworks({ ...smallModel(fixtures), engine, backend });
  const odd = { ...picture, dims: [1, 3, 6, 4] };
  await expect(warmUp(networks, odd)).rejects.toMatchObject({ code: "bad-request" });
  await networks.dispose();
});
