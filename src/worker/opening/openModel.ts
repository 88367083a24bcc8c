/** Brings a model from its bytes to networks that can draw, and says what was found. */

import { type Model, readModel } from "../../checkpoint/model";
import type { ModelFiles } from "../../checkpoint/modelFiles";
import { openSource } from "../../checkpoint/open";
import type { BackendChoice } from "../../core/backend";
import { Failure } from "../../core/failure";
import type { CallContext, LoadSource } from "../../protocol/calls";
import type { LoadedNetworks } from "../../runtime/networks/diffusersNetworks";
import type { LoadOptions } from "../../runtime/networks/load";
import { openNetworks } from "../../runtime/networks/openNetworks";
import {
  openPreviewDecoder,
  type PreviewDecoder,
  type PreviewDecoderOptions,
} from "../../runtime/networks/tinyDecoder";
import { type Started, startEngine } from "../../runtime/start";
import { type Bundled, bundled, keepDocuments } from "../../storage/bundledModel";
import { createLibrary } from "../../storage/library/library";
import { keepEngine } from "../../storage/offlineCopy";
import { Previews } from "../previews";
import { findPreviewDecoder } from "./findPreviewDecoder";
import { warmUp } from "./warmUp";

/** A model that is ready to draw; whoever opened it disposes its networks and its previews. */
export interface OpenModel extends Started {
  readonly model: Model;
  readonly networks: LoadedNetworks;
  readonly previews: Previews;
  /** True once everything that a visit without a network needs is kept; false if something cannot be. */
  readonly offline: Promise<boolean>;
}

/** Who is told how far it is, and may say that it is not wanted any more. */
type Watching = Pick<CallContext<"load">, "report" | "signal">;

/** A benchmark hands in an engine that it listens to; whoever has a model open makes room when it is needed. */
interface OpenOptions extends Pick<LoadOptions, "captureRule" | "makeRoom"> {
  readonly start?: (...asked: Parameters<typeof startEngine>) => Promise<Started>;
}

/** @throws {Failure} for a model that is not there, is damaged, or does not fit this device; "cancelled" after the network in hand. */
export async function openModel(
  chosen: LoadSource,
  choice: BackendChoice,
  { report, signal }: Watching,
  { start = startEngine, captureRule = "where-cheap", makeRoom }: OpenOptions = {},
): Promise<OpenModel> {
  const goOn = () => {
    if (signal.aborted) throw new Failure("cancelled", "Stopped before the model was open.");
  };
  const isBundled = chosen.kind === "bundled";
  const onBytes = (done: number, total: number) => report({ stage: "engine", done, total });
  const { engine, backend } = await start(choice, onBytes);
  const site = bundled((done, total) => isBundled && report({ stage: "weights", done, total }));
  const { name, ...folder } = await filesOf(chosen, site);
  const source = await openSource(folder, site);
  const { files } = source;
  goOn();
  const model = await readModel(async (path) => (await files.open(path))?.text() ?? null, name);
  // Fetched with the rest, though it is opened only when asked for: nothing is asked of the network once a model is ready.
  if (model.fewStepWeights !== null) await files.open(model.fewStepWeights);
  const networks = await openNetworks({
    source,
    graphs: site.graphs,
    engine,
    backend,
    captureRule,
    ...(makeRoom && { makeRoom }),
    // Bytes are counted once: those of the bundled model as they arrive from the site, those of others as they are read.
    onProgress: (stage, done, total) => {
      if (stage === "sessions" || !isBundled) report({ stage, done, total });
      if (stage === "sessions") goOn();
    },
  });
  if (backend.kind === "webgpu")
    await warmUp(model, networks, {
      onReady: (done, total) => report({ stage: "shaders", done, total }),
      isCancelled: () => signal.aborted,
    });
  const { runner } = networks;
  const decoder = await openDecoder(model, folder, { graphs: site.graphs, engine, backend, runner });
  // The copies for a day without a network are made behind the person's back: they may fail, and nothing waits for them.
  const offline = keepDocuments()
    .then(keepEngine)
    .then((isEngineKept) => isEngineKept && chosen.kind !== "chosen" && site.isKept());
  const previews = new Previews(model.rgbMap, decoder, () => performance.now());
  return { model, networks, previews, engine, backend, offline };
}

/** Null if there is no tiny decoder that fits, or it cannot be opened: a picture is drawn all the same, and its previews are linear. */
async function openDecoder(
  model: Model,
  files: ModelFiles,
  options: Pick<PreviewDecoderOptions, "graphs" | "engine" | "backend" | "runner">,
): Promise<PreviewDecoder | null> {
  try {
    const found = await findPreviewDecoder(model, files, createLibrary());
    if (found === null) return null;
    return await openPreviewDecoder({ files: found, latentChannels: model.latentChannels, ...options });
  } catch {
    return null;
  }
}

/** A folder, and what to call the model in it if its own configs do not say. */
async function filesOf(chosen: LoadSource, site: Bundled): Promise<ModelFiles & { readonly name: string }> {
  switch (chosen.kind) {
    case "bundled":
      return { name: "The model in the box", ...site.model };
    case "kept":
      return createLibrary().open(chosen.modelId);
    case "chosen": {
      const files = new Map(chosen.files.map(({ path, file }) => [path, file]));
      const open = async (path: string) => files.get(path) ?? null;
      return { name: chosen.name, paths: [...files.keys()].sort(), open };
    }
  }
}
