/** A model on a disk, opened on the processor. */

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { type Model, readModel } from "../pipeline/model";
import { chooseBackend } from "../runtime/device";
import type { Engine } from "../runtime/engine";
import { type Config, parseJson } from "../runtime/families";
import { createNetworks, type LoadedNetworks } from "../runtime/networks";
import { loadNodeEngine } from "../runtime/ortNode";
import { nodeGraphLibrary, nodeModelFiles } from "./nodeFiles";

/** Where to find a model, and how much of the machine it may have; what is left out is the repository's own, and all of it. */
export interface ModelPlace {
  /** A folder in diffusers' layout. */
  readonly model?: string | undefined;
  /** A folder of graph families. */
  readonly graphs?: string | undefined;
  readonly threads?: number | undefined;
}

/** A model that is ready to draw; whoever opened it disposes its networks. */
export interface OpenModel {
  readonly model: Model;
  readonly networks: LoadedNetworks;
  readonly engine: Engine;
  /** `vae/config.json`. */
  readonly vaeConfig: Config;
  /** For people: "processor, 2 threads". */
  readonly backend: string;
}

const inRepository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** @throws {Failure} for a folder that is missing, damaged, or of a family that has no graphs. */
export async function openModel(place: ModelPlace): Promise<OpenModel> {
  const files = nodeModelFiles(place.model ?? inRepository("models/tinyworld"));
  const graphs = nodeGraphLibrary(place.graphs ?? inRepository("models/graphs"));
  const engine = loadNodeEngine(place.threads ?? availableParallelism());
  const backend = await chooseBackend("wasm", engine);
  const model = await readModel(async (path) => (await files.open(path))?.text() ?? null);
  const networks = await createNetworks({ model: files, graphs, engine, backend });
  const vaeConfig = parseJson("vae/config.json", (await (await files.open("vae/config.json"))?.text()) ?? "");
  return { model, networks, engine, vaeConfig, backend: backend.report.description };
}
