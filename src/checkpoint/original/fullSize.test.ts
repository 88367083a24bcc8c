import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DiskFile } from "../../cli/diskFile";
import { nodeGraphLibrary, nodePublishedConfigs } from "../../cli/nodeFiles";
import { NETWORK_NAMES, type NetworkName } from "../checkpoint";
import { chooseGraph, readFamilies } from "../graph/families";
import { singleFileSource } from "./singleFileSource";
import { named, readNames, type Shapes } from "./testing";

const names = readNames();
const inModels = (folder: string) => fileURLToPath(new URL(`../../../models/${folder}`, import.meta.url));
const graphs = nodeGraphLibrary(inModels("graphs"));
const published = nodePublishedConfigs(inModels("published"));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "full-size-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of halves as large as it claims to be, with nothing behind its header: the file system keeps no zeros. */
function sparse(shapes: Shapes): Blob {
  let end = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const begin = end;
    end += 2 * shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype: "F16", shape, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length), true);
  const path = join(folder, "model.safetensors");
  writeFileSync(path, new Uint8Array(length.buffer));
  writeFileSync(path, text, { flag: "a" });
  truncateSync(path, 8 + text.length + end);
  return new DiskFile(path);
}

it.each<[string, Readonly<Partial<Record<NetworkName, string>>>]>([
  ["sd15", { text_encoder: "sd1", unet: "sd1", vae_decoder: "sd1" }],
  ["lcm-dreamshaper-v7", { text_encoder: "sd1", unet: "lcm", vae_decoder: "sd1" }],
  ["tiny-sd", { text_encoder: "sd1", unet: "tiny-sd", vae_decoder: "sd1" }],
  ["sd-turbo", { text_encoder: "sd2", unet: "sd2-upcast", vae_decoder: "sd1" }],
  ["sdxl", { text_encoder: "sd1", text_encoder_2: "sdxl", unet: "sdxl", vae_decoder: "sdxl" }],
  ["ssd-1b", { text_encoder: "sd1", text_encoder_2: "sdxl", unet: "ssd-1b", vae_decoder: "sdxl" }],
  ["segmind-vega", { text_encoder: "sd1", text_encoder_2: "sdxl", unet: "vega", vae_decoder: "sdxl" }],
])(
  "[CK59] %s at full size: every network has a graph, and each of its parameters bytes of its own",
  async (name, wanted) => {
    const library = { graphs, families: await readFamilies(graphs) };
    const file = sparse(named(names, `published/${name}`).original);
    const source = await singleFileSource(file, "model.safetensors", { published, graphs });
    const used: (readonly [number, number])[] = [];
    for (const network of NETWORK_NAMES) {
      const stored = await source.network(network);
      expect(stored !== null).toBe(network in wanted);
      if (!stored) continue;
      const { path, bound } = await chooseGraph(library, network, stored, "f16");
      expect(path.split("/")[0]).toBe(wanted[network]);
      for (const { parameter } of bound.bindings.values()) used.push([parameter.begin, parameter.end]);
    }
    used.sort(([a], [b]) => a - b);
    for (const [i, [begin, end]] of used.entries()) {
      expect(begin).toBeLessThan(end);
      expect(begin).toBeGreaterThanOrEqual(used[i - 1]?.[1] ?? 0);
    }
    expect(used.at(-1)?.[1]).toBeLessThanOrEqual(file.size);
  },
);
