/**
 * ONNX Runtime with a listener at every run. The runtime takes its engine as an argument, so the benchmark hands in this one, and
 * the runtime itself knows nothing of being measured.
 */

import type { Engine, Fetches, OrtSession, OrtSessionOptions, Outputs } from "../../runtime/ort/engine";
import { QUIET } from "../../runtime/ort/session";
import type { Tensors } from "../../runtime/ort/tensors";

/** One run of a network, as it reaches ONNX Runtime. */
export interface Call {
  /** The name that the network was opened with, "unet" for instance. */
  readonly network: string;
  readonly session: OrtSession;
  readonly feeds: Tensors;
  readonly fetches: Fetches;
  /** Whether the session was opened for graph capture: its feeds and fetches are then the same tensors at every run. */
  readonly isCaptured: boolean;
}

/** Is told of each run before it is made, and makes it. It holds the turn in ONNX Runtime's queue until it has resolved. */
export type Listener = (call: Call, run: () => Promise<Outputs>) => Promise<Outputs>;

/** An engine, and who listens to it. */
export interface Recorder {
  readonly engine: Engine;
  /** From now on, instead of any listener before; null for none. */
  listen(listener: Listener | null): void;
  /** The first open session of this name that is not for graph capture; null if there is none. */
  session(network: string): OrtSession | null;
}

/** @param change the options that each session is opened with instead; it may refuse them by throwing. */
export function recordingEngine(
  engine: Engine,
  change: (options: OrtSessionOptions) => OrtSessionOptions = (options) => options,
): Recorder {
  const { Tensor, env, InferenceSession } = engine.ort;
  const open = new Map<OrtSession, Pick<Call, "network" | "isCaptured">>();
  let listener: Listener | null = null;
  const overheard = (session: OrtSession, options: OrtSessionOptions): OrtSession => {
    const { logId: network = "", enableGraphCapture: isCaptured = false } = options;
    open.set(session, { network, isCaptured });
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      inputMetadata: session.inputMetadata,
      outputMetadata: session.outputMetadata,
      run(feeds, fetches, runOptions) {
        const run = () => session.run(feeds, fetches, runOptions);
        return listener ? listener({ network, session, feeds, fetches, isCaptured }, run) : run();
      },
      async release() {
        open.delete(session);
        await session.release();
      },
    };
  };
  const create: typeof InferenceSession.create = async (model, options) =>
    overheard(await InferenceSession.create(model, change(options)), options);
  return {
    engine: { ...engine, ort: { Tensor, env, InferenceSession: { create } } },
    listen(next) {
      listener = next;
    },
    session(name) {
      const found = [...open].find(([, { network, isCaptured }]) => network === name && !isCaptured);
      return found?.[0] ?? null;
    },
  };
}

/** Does some work while a listener listens. */
export async function listening<T>(
  recorder: Recorder,
  listener: Listener,
  work: () => Promise<T>,
): Promise<T> {
  recorder.listen(listener);
  try {
    return await work();
  } finally {
    recorder.listen(null);
  }
}

/**
 * Makes a call again, straight to ONNX Runtime, past everything that we add. Outputs are new tensors, which are given back; a
 * captured session has only its own.
 *
 * @param feeds the call's own, or copies of them.
 */
export async function repeat({ session, feeds: own, fetches, isCaptured }: Call, feeds = own): Promise<void> {
  if (isCaptured) {
    await session.run(own, fetches, QUIET);
    return;
  }
  const wanted = Object.fromEntries(Object.keys(fetches).map((name) => [name, null]));
  const outputs = await session.run(feeds, wanted, QUIET);
  for (const output of Object.values(outputs)) output.dispose();
}
