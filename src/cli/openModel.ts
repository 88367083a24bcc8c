/** Opens a model on a disk, to run on the CPU. */

import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parse, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Model, readModel } from "../checkpoint/model";
import type { GraphLibrary, PublishedConfigs } from "../checkpoint/modelFiles";
import { openSource } from "../checkpoint/open";
import { type Backend, chooseBackend } from "../runtime/device/device";
import type { LoadedNetworks } from "../runtime/networks/diffusersNetworks";
import { openNetworks } from "../runtime/networks/openNetworks";
import type { Engine } from "../runtime/ort/engine";
import { loadNodeEngine } from "../runtime/ort/nodeEngine";
import {
  mergedGraphs,
  nodeConfigs,
  nodeGraphLibrary,
  nodeModelFiles,
  nodePublishedConfigs,
  nodeReaderOf,
  nodeSingleFile,
} from "./nodeFiles";

/** Where to find a model, and how many threads it may use. Left out: the bundled model, the repository's graphs, all threads. */
export interface ModelLocation {
  /** A folder in diffusers' layout or with ONNX files, or one `.safetensors` file. */
  readonly model?: string | undefined;
  /** A folder of graph families, tried before those of the repository. */
  readonly graphs?: string | undefined;
  /** The configs for a single file: a name in `models/published`, or a folder. Left out, they are chosen by its U-Net. */
  readonly papers?: string | undefined;
  readonly threads?: number | undefined;
}

/** A model that is ready to draw. Whoever opened it disposes its networks. */
export interface OpenModel {
  readonly model: Model;
  readonly networks: LoadedNetworks;
  readonly backend: Backend;
}

const inRepository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** ONNX Runtime with as many threads as a model is to have. */
export function engineFor({ threads }: ModelLocation): Engine {
  return loadNodeEngine(threads ?? availableParallelism());
}

/** @throws {Failure} if the model is missing or damaged, or if there is no graph for one of its networks. */
export async function openModel(location: ModelLocation, engine = engineFor(location)): Promise<OpenModel> {
  const path = location.model ?? inRepository("models/tinyworld");
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const graphs = graphsFor(location);
  const source = await openSource(isFile ? nodeSingleFile(path) : nodeModelFiles(path), {
    graphs,
    published: publishedFor(location),
    configs: location.papers,
  });
  const backend = await chooseBackend("wasm", engine);
  const { files } = source;
  const { name, base } = parse(resolve(path));
  const model = await readModel(
    async (paper) => (await files.open(paper))?.text() ?? null,
    isFile ? name : base,
  );
  const networks = await openNetworks({ source, graphs, engine, backend, readerOf: nodeReaderOf });
  return { model, networks, backend };
}

function graphsFor({ graphs }: ModelLocation): GraphLibrary {
  const own = nodeGraphLibrary(inRepository("models/graphs"));
  return graphs === undefined ? own : mergedGraphs(nodeGraphLibrary(graphs), own);
}

function publishedFor({ papers }: ModelLocation): PublishedConfigs {
  if (papers !== undefined && statSync(papers, { throwIfNoEntry: false })?.isDirectory())
    return nodeConfigs(papers);
  return nodePublishedConfigs(inRepository("models/published"));
}
