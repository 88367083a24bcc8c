/** The one open model of a worker: it stays open until the next one has been found good. */

import type { BackendChoice } from "../../core/backend";
import { Failure } from "../../core/failure";
import type { CallContext, LoadSource } from "../../protocol/calls";
import type { OpenModel, openModel } from "./openModel";

interface Held {
  readonly source: LoadSource;
  readonly backend: BackendChoice;
  readonly model: OpenModel;
}

/**
 * Two models together may be more than the device has, so the one before is closed at the last moment: all files of the next have been
 * read and understood, and its networks are to be opened.
 */
export class HeldModel {
  readonly #open: typeof openModel;
  #held: Held | null = null;

  constructor(open: typeof openModel) {
    this.#open = open;
  }

  /** @throws {Failure} "bad-request" if none is open. */
  get current(): OpenModel {
    if (this.#held === null) throw new Failure("bad-request", "No model is loaded yet: load one, then draw.");
    return this.#held.model;
  }

  /** Opens a model; the one that is open already is not opened again. @throws {Failure} as {@link openModel}. */
  async load(
    source: LoadSource,
    backend: BackendChoice,
    context: Pick<CallContext<"load">, "report" | "signal">,
  ): Promise<OpenModel> {
    const held = this.#held;
    if (held !== null && held.backend === backend && isSame(held.source, source)) return held.model;
    const model = await this.#open(source, backend, context, { makeRoom: () => this.#close() });
    this.#held = { source, backend, model };
    return model;
  }

  async #close(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    await held?.model.previews.dispose();
    await held?.model.networks.dispose();
  }
}

/** Files of the disk come as copies, which cannot be told to be the same. */
function isSame(a: LoadSource, b: LoadSource): boolean {
  if (a.kind === "kept" && b.kind === "kept") return a.modelId === b.modelId;
  return a.kind === "bundled" && b.kind === "bundled";
}
