import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { nodeGraphLibrary, nodePublishedConfigs } from "../cli/nodeFiles";
import { must } from "../runtime/testing";
import type { NetworkName, Parameters } from "./checkpoint";
import { parametersOf } from "./graph/binding";
import { chooseGraph, type Family, readFamilies } from "./graph/families";
import { parseJson } from "./json";

const inRepository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const graphs = nodeGraphLibrary(inRepository("models/graphs"));
const published = nodePublishedConfigs(inRepository("models/published"));
const families = await readFamilies(graphs);

const FOLDERS: Readonly<Partial<Record<NetworkName, string>>> = {
  text_encoder: "text_encoder",
  text_encoder_2: "text_encoder_2",
  unet: "unet",
  vae_decoder: "vae",
};

/** A checkpoint at full width in f16 whose bytes nobody reads: of the parameters that a family's graph wants. */
async function checkpointOf(name: NetworkName, { name: family, networks }: Family): Promise<Parameters> {
  const graph = await must(graphs, `${family}/${networks[name]?.graphs.f32}`);
  const file = new Blob([]);
  let end = 0;
  return new Map(
    [...parametersOf(name, new Uint8Array(await graph.arrayBuffer()))].map(([key, shape]) => {
      const begin = end;
      end += 2 * shape.reduce((a, b) => a * b, 1);
      return [key, { file, dtype: "F16", shape, begin, end, isTransposed: false }];
    }),
  );
}

/** The family whose graph a checkpoint gets that has the configuration of `configurations` and the parameters of `shape`'s; and its millions of parameters. */
async function chosenFor(configs: string, name: NetworkName, shape: string) {
  const path = `${configs}/${FOLDERS[name]}/config.json`;
  const config = parseJson(path, await (await must(published, path)).text());
  const family = families.find((one) => one.name === shape) ?? expect.fail(`no family ${shape}`);
  const stored = { parameters: await checkpointOf(name, family), config };
  const { path: graph, bound } = await chooseGraph({ graphs, families }, name, stored, "f16");
  expect(bound.bindings.size).toBe(stored.parameters.size);
  const count = [...bound.bindings.values()].map(({ dims }) => dims.reduce((a, b) => a * b, 1));
  return [graph.split("/")[0], Math.round(count.reduce((a, b) => a + b, 0) / 1e6)];
}

describe("published configurations find their graph, and no other", () => {
  // Millions of parameters as the models' makers and the Hub state them.
  it.each([
    ["sd15", "sd1", 860],
    ["sd21-base", "sd2", 866],
    ["sd21", "sd2-upcast", 866],
    ["sd-turbo", "sd2", 866],
    ["sdxl", "sdxl", 2567],
    ["sdxl-turbo", "sdxl", 2567],
    ["lcm-dreamshaper-v7", "lcm", 860],
    ["ssd-1b", "ssd-1b", 1331],
    ["segmind-vega", "vega", 745],
    ["tiny-sd", "tiny-sd", 323],
    ["sdxs-512-dreamshaper", "sdxs", 316],
  ])("[CK36] the U-Net of %s", async (configs, family, millions) => {
    expect(await chosenFor(configs, "unet", family)).toEqual([family, millions]);
  });

  it("[CK36] all that there is of U-Nets is in this list", () => {
    const withUnet = published.paths.filter((path) => /^[^/]+\/unet\/config\.json$/.test(path));
    expect(withUnet).toHaveLength(11);
  });

  it.each(["sd15", "sdxl", "sdxl-turbo", "lcm-dreamshaper-v7", "ssd-1b", "segmind-vega", "tiny-sd"])(
    "[CK36] the text encoder of %s is that of SD 1.x",
    async (configs) => {
      expect(await chosenFor(configs, "text_encoder", "sd1")).toEqual(["sd1", 123]);
    },
  );

  it.each(["sd21", "sd21-base", "sd-turbo"])("[CK36] the text encoder of %s", async (configs) => {
    expect(await chosenFor(configs, "text_encoder", "sd2")).toEqual(["sd2", 340]);
  });

  it.each(["sdxl", "sdxl-turbo", "ssd-1b", "segmind-vega"])(
    "[CK36] the second text encoder of %s",
    async (configs) => {
      expect(await chosenFor(configs, "text_encoder_2", "sdxl")).toEqual(["sdxl", 695]);
    },
  );

  it.each([
    ["sd15", "sd1", 49],
    ["sd21", "sd1", 49],
    ["sd21-base", "sd1", 49],
    ["sd-turbo", "sd1", 49],
    ["lcm-dreamshaper-v7", "sd1", 49],
    ["tiny-sd", "sd1", 49],
    ["sdxl", "sdxl", 49],
    ["sdxl-turbo", "sdxl", 49],
    ["ssd-1b", "sdxl", 49],
    ["segmind-vega", "sdxl", 49],
    ["taesd", "taesd", 1],
    ["taesdxl", "taesd", 1],
    ["sdxs-512-dreamshaper", "taesd", 1],
  ])("[CK36] the autoencoder of %s", async (configs, family, millions) => {
    expect(await chosenFor(configs, "vae_decoder", family)).toEqual([family, millions]);
  });
});
