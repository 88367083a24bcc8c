/** One network, opened: what goes in is checked, runs never overlap, and a failure has a code. */

import type { Tensor } from "onnxruntime-web";
import type { Mount } from "../../checkpoint/graph/binding";
import { asFailure, Failure } from "../../core/failure";
import type { Backend } from "../device/device";
import type { Engine, Fetches, Ort, OrtSession, Outputs } from "./engine";
import { enqueue } from "./queue";
import {
  checkFeeds,
  checkFetches,
  copyTo,
  type Fed,
  type Feeds,
  type Port,
  type Tensors,
  tensorPorts,
  toTensors,
} from "./tensors";

/** A network that can be run. Every method rejects with a `Failure`. */
export interface Session {
  /** Names of what goes in. */
  readonly inputs: readonly string[];
  /** Inputs and outputs, for whoever makes the tensors for {@link runInto}. */
  readonly ports: { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] };
  /** Runs the network and gives its first output; the caller disposes it. */
  run(feeds: Feeds): Promise<Tensor>;
  /** Runs the network and gives the outputs of these names, in their order; the caller disposes them. */
  runFor(feeds: Feeds, outputs: readonly string[]): Promise<readonly Tensor[]>;
  /**
   * Runs the network on tensors that were made beforehand, on the host or in GPU buffers, and writes the outputs that are asked
   * for into theirs. Nothing is converted and nothing is made for a GPU; all tensors stay the caller's, and are not to be touched
   * before this has resolved. On a GPU that is when the work is in the device's queue, not when it is done.
   */
  runInto(feeds: Tensors, fetches: Tensors): Promise<void>;
  release(): Promise<void>;
}

/** A network to be opened. */
export interface SessionOptions {
  /** For messages, e.g. "unet". */
  readonly name: string;
  /** The ONNX file. */
  readonly model: Uint8Array;
  readonly mounts: readonly Mount[];
  /** Where the output is wanted; "gpu" means the host if there is no GPU. */
  readonly output: "host" | "gpu";
  /** How far ONNX Runtime may rewrite the graph; "all" if left out. */
  readonly optimization?: "disabled" | "all";
  /** Extents by the names that the graph's inputs have for them. */
  readonly fixedExtents?: Readonly<Record<string, number>>;
}

/** Fatal messages only: all others come back as errors, and need not be in the console too. */
export const QUIET = { logSeverityLevel: 4 } as const;

/** Opens a network. @throws {Failure} "out-of-memory", "device-lost" or "internal". */
export async function openSession(
  engine: Engine,
  backend: Backend,
  options: SessionOptions,
): Promise<Session> {
  const { name } = options;
  const { ort } = engine;
  const session = await createSession(ort, backend, options, false);
  const runs = new Runs(session, reopener(ort, backend, options));
  const [outputName = ""] = session.outputNames;
  const ports = {
    inputs: tensorPorts(session.inputMetadata),
    outputs: tensorPorts(session.outputMetadata),
  };
  const runOn = async (tensors: Fed["tensors"], outputs: readonly string[]) => {
    const wanted = outputs.map((output) => [output, null] as const);
    const results = await runs.run(tensors, Object.fromEntries(wanted));
    return outputs.map((output) => {
      const tensor = results[output];
      if (tensor) return tensor;
      throw new Failure("internal", `${name} has no output ${output}.`);
    });
  };
  const runFor: Session["runFor"] = async (feeds, outputs) => {
    const { tensors, made } = toTensors(ort, name, ports.inputs, feeds);
    try {
      return await guarded(name, backend, { job: () => runOn(tensors, outputs), undo: disposeAll });
    } finally {
      disposeAll(made);
    }
  };
  return {
    inputs: session.inputNames,
    ports,
    async run(feeds) {
      const [tensor] = await runFor(feeds, [outputName]);
      if (!tensor) throw new Failure("internal", `${name} has no output.`);
      return tensor;
    },
    runFor,
    async runInto(feeds, fetches) {
      checkFeeds(name, ports.inputs, feeds);
      checkFetches(name, ports.outputs, fetches);
      await guarded(name, backend, { job: () => runInto(runs, feeds, fetches), undo: () => undefined });
    },
    release: () => enqueue(() => runs.release()),
  };
}

/** More bytes of weights than this are not kept on the host only to open a session again. */
const KEPT_BYTES_MAX = 16 * 2 ** 20;

/** How a session is opened again; null if a failed run does it no harm. */
function reopener(ort: Ort, backend: Backend, options: SessionOptions): Reopener | null {
  const { name, mounts, output } = options;
  if (backend.kind !== "webgpu" || output !== "gpu") return null;
  // Weights that are read when they are asked for have no bytes until then.
  const keptBytes = mounts.reduce((sum, { data }) => sum + data.buffer.byteLength, 0);
  if (keptBytes <= KEPT_BYTES_MAX) return () => create(ort, backend, options, false);
  return async () => {
    throw new Failure("internal", `${name} failed before, and cannot be run again. Open the model again.`);
  };
}

type Reopener = () => Promise<OrtSession>;

/**
 * The runs of a session. ONNX Runtime Web binds the tensors of a run to a session whose outputs stay on a GPU, and unbinds them only
 * when it succeeds: after one that failed, every later run would silently read and write the tensors of that one. So the session is
 * closed then, and opened again when it is next asked for.
 */
class Runs {
  #session: OrtSession | null;
  readonly #reopen: Reopener | null;

  constructor(session: OrtSession, reopen: Reopener | null) {
    this.#session = session;
    this.#reopen = reopen;
  }

  async run(feeds: Tensors, fetches: Fetches): Promise<Outputs> {
    this.#session ??= (await this.#reopen?.()) ?? null;
    if (!this.#session) throw new Failure("internal", "A session was run after it was given back.");
    try {
      return await this.#session.run(feeds, fetches, QUIET);
    } catch (error) {
      if (this.#reopen) await this.release();
      throw error;
    }
  }

  async release(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.release();
  }
}

/** @param isCaptured whether graph capture is on: the kernels of its first run are sent again at each later one. @throws {Failure} as {@link openSession}. */
export function createSession(
  ort: Ort,
  backend: Backend,
  options: SessionOptions,
  isCaptured: boolean,
): Promise<OrtSession> {
  return guarded(options.name, backend, {
    job: () => create(ort, backend, options, isCaptured),
    undo: (opened) => opened.release(),
  });
}

function create(
  ort: Ort,
  backend: Backend,
  { name, model, mounts, output, optimization, fixedExtents }: SessionOptions,
  isCaptured: boolean,
): Promise<OrtSession> {
  return ort.InferenceSession.create(model, {
    executionProviders:
      backend.kind === "webgpu" ? [{ name: "webgpu", device: backend.gpu.device }] : ["wasm"],
    preferredOutputLocation: backend.kind === "webgpu" && output === "gpu" ? "gpu-buffer" : "cpu",
    externalData: mounts,
    graphOptimizationLevel: optimization ?? "all",
    freeDimensionOverrides: fixedExtents ?? {},
    enableGraphCapture: isCaptured,
    logId: name,
    ...QUIET,
  });
}

/** ONNX Runtime Web writes into GPU buffers that it is given, but not into arrays on the host: those are filled here. */
async function runInto(runs: Runs, feeds: Tensors, fetches: Tensors): Promise<void> {
  const wanted = Object.entries(fetches);
  const inPlace = wanted.map(([name, tensor]) => [name, tensor.location === "cpu" ? null : tensor]);
  const results = await runs.run(feeds, Object.fromEntries(inPlace));
  const made = wanted.flatMap(([name, to]) => {
    const from = results[name];
    return from && from !== to ? [{ to, from }] : [];
  });
  try {
    for (const { to, from } of made) await copyTo(to, from);
  } finally {
    disposeAll(made.map(({ from }) => from));
  }
}

function disposeAll(tensors: readonly Tensor[]): void {
  for (const tensor of tensors) tensor.dispose();
}

/** Something to do with ONNX Runtime, and how to undo it if it turns out not to count. */
interface Job<T> {
  job(): Promise<T>;
  undo(result: T): Promise<void> | void;
}

/** Waits for its turn, and does not believe a success on a device that is gone. */
export function guarded<T>(name: string, backend: Backend, { job, undo }: Job<T>): Promise<T> {
  const gpu = backend.kind === "webgpu" ? backend.gpu : null;
  return enqueue(async () => {
    gpu?.check();
    const result = await job().catch(async (error: unknown) => {
      await gpu?.checkAfterError();
      throw explained(name, error);
    });
    try {
      gpu?.check();
    } catch (failure) {
      await undo(result);
      throw failure;
    }
    return result;
  });
}

/** Messages of ONNX Runtime, its WebAssembly and the browser when there is no memory left. */
const OUT_OF_MEMORY =
  /bad_alloc|out of memory|failed to allocate|allocation failed|memory access out of bounds/i;

function explained(name: string, error: unknown): Failure {
  const { code, message } = asFailure(error);
  if (error instanceof Failure) return error;
  if (OUT_OF_MEMORY.test(message))
    return new Failure(
      "out-of-memory",
      `${name}: there was not enough memory. A smaller picture needs less.`,
      { cause: error },
    );
  return new Failure(code, `${name}: ${message}`, { cause: error });
}
