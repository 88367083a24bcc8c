/** Brings a model from its bytes to networks that can draw, and says what was found. */

import type { BackendChoice, BackendReport } from "../core/backend";
import { Failure } from "../core/failure";
import { type Model, readModel } from "../pipeline/model";
import type { LoadProgress, LoadSource } from "../protocol/calls";
import { chooseBackend } from "../runtime/device";
import { createNetworks, type LoadedNetworks } from "../runtime/networks";
import { loadEngine } from "../runtime/ort";
import { bundled, keepPapers } from "../storage/bundledModel";
import { keepEngine } from "../storage/offlineCopy";

/** A model that is ready to draw; whoever opened it disposes its networks. */
export interface OpenModel {
  readonly model: Model;
  readonly networks: LoadedNetworks;
  readonly backend: BackendReport;
}

/** @throws {Failure} for a model that is not there, is damaged, or does not fit this device. */
export async function openModel(
  source: LoadSource,
  choice: BackendChoice,
  report: (progress: LoadProgress) => void,
): Promise<OpenModel> {
  if (source.kind !== "bundled")
    throw new Failure("model-missing", "Only the model in the box is here; choose that one.");
  const engine = await loadEngine((done, total) => report({ stage: "engine", done, total }));
  const backend = await chooseBackend(choice, engine);
  const files = bundled((done, total) => report({ stage: "weights", done, total }));
  const model = await readModel(async (path) => (await files.model.open(path))?.text() ?? null);
  // Fetched with the rest, though it is opened only when asked for: nothing is asked of the network once a model is ready.
  if (model.studentWeights !== null) await files.model.open(model.studentWeights);
  const networks = await createNetworks({
    model: files.model,
    graphs: files.graphs,
    engine,
    backend,
    // Bytes are counted once, as they arrive; the runtime's own count of the same bytes is not shown.
    onProgress: (stage, done, total) => stage === "sessions" && report({ stage, done, total }),
  });
  // The copies for a day without a network are made behind the person's back: they may fail, and nothing waits for them.
  void keepPapers().then(keepEngine);
  return { model, networks, backend: backend.report };
}
