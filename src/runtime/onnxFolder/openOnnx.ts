/** Opens the networks of an ONNX folder, each from a graph whose weights stay where they are until they are asked for. */

import { Failure } from "../../core/failure";
import type { Backend } from "../device";
import type { Engine } from "../engine";
import { Residents } from "../residents";
import { openSession, type Session } from "../session";
import { mountWeights, type ReaderOf } from "../weights";
import { type BoundFile, bindFile, readOpaques } from "./boundFile";
import type { OnnxFile, Port } from "./onnxFile";
import type { OnnxNetwork, OnnxSource } from "./onnxSource";

/** What an ONNX folder is opened on. */
export interface OnnxLoadOptions {
  readonly source: OnnxSource;
  readonly engine: Engine;
  readonly backend: Backend;
  /** As in `LoadOptions`. */
  readonly readerOf?: ReaderOf;
  readonly budgetBytes?: number;
  readonly onProgress?: (stage: "weights" | "sessions", done: number, total: number) => void;
}

/** What opening one network takes. */
interface Opening {
  readonly network: OnnxNetwork<unknown>;
  readonly bound: BoundFile;
  readonly backend: Backend;
  readonly fixedExtents: Readonly<Record<string, number>>;
  readonly onRead: (bytes: number) => void;
}

/** What WebAssembly with 32-bit addresses can have, but for what activations and ONNX Runtime itself take. */
const WASM_BYTES = 3.25 * 2 ** 30;
/** Attention over padded texts, fused by an exporter: on a GPU ONNX Runtime opens it, and cannot run it with a mask. */
const FUSED_ATTENTION = "com.microsoft:Attention";

/** @param channels of a latent. @throws {Failure} with everything released that was opened on the way. */
export async function openOnnx(options: OnnxLoadOptions, channels: number | null): Promise<Residents> {
  const { source, backend, budgetBytes, onProgress } = options;
  const { textEncoders, unet, decoder } = source;
  const limit = backend.kind === "wasm" ? WASM_BYTES : Number.POSITIVE_INFINITY;
  const residents = new Residents(budgetBytes ?? limit);
  const all = [...textEncoders, unet, decoder];
  for (const { name, onnx } of all) refuseHalves(name, onnx, backend);
  const bounds: { network: OnnxNetwork<unknown>; bound: BoundFile }[] = [];
  for (const network of all)
    bounds.push({ network, bound: await bindFile(source.folder, network.onnx, network.file) });
  const totalBytes = bounds.reduce((sum, { bound }) => sum + bound.readBytes, 0);
  let doneBytes = 0;
  const onRead = (bytes: number) => {
    doneBytes += bytes;
    if (doneBytes <= totalBytes) onProgress?.("weights", doneBytes, totalBytes);
  };
  const latents: ReadonlyMap<unknown, Port> = new Map<unknown, Port>([
    [unet, unet.ports.sample],
    [decoder, decoder.ports.latents],
  ]);
  for (const { network, bound } of bounds) {
    const port = latents.get(network);
    const fixedExtents = port && channels !== null ? fixed(network.onnx, port, 1, channels) : {};
    const opening = { network, bound, backend: backendFor(network, backend), fixedExtents, onRead };
    residents.add(network.name, { bytes: bound.openBytes, open: () => open(options, opening) });
  }
  let opened = 0;
  try {
    await residents.openFirst(() => onProgress?.("sessions", ++opened, all.length));
  } catch (failure) {
    await residents.close();
    throw failure;
  }
  return residents;
}

async function open(
  { engine, readerOf }: OnnxLoadOptions,
  { network: { name }, bound, backend, fixedExtents, onRead }: Opening,
): Promise<Session> {
  const { mounts, failure } = await mountWeights(name, bound, { readerOf, onRead });
  const opaques = await readOpaques(bound.opaques);
  const model = bound.model;
  // Fusions that other exporters' text encoders were not made for fail when they run, or when they open.
  const optimization = backend.kind === "webgpu" && name.startsWith("text_encoder") ? "disabled" : "all";
  const options = {
    name,
    model,
    mounts: [...mounts, ...opaques],
    output: "host",
    optimization,
    fixedExtents,
  } as const;
  try {
    return await openSession(engine, backend, options);
  } catch (error) {
    throw failure() ?? error; // ONNX Runtime knows only that a file could not be read
  }
}

/** @throws {Failure} "unsupported" before anything is opened: ONNX Runtime would only say so when it runs. */
function refuseHalves(name: string, { hasF16 }: OnnxFile, backend: Backend): void {
  if (hasF16 && backend.kind === "webgpu" && !backend.gpu.hasF16)
    throw new Failure(
      "unsupported",
      `${name} computes in 16-bit floats, which this GPU cannot. Choose the processor, or a model in 32 bits.`,
    );
}

function backendFor({ name, onnx }: OnnxNetwork<unknown>, backend: Backend): Backend {
  const isOdd = name.startsWith("text_encoder") && onnx.operators.has(FUSED_ATTENTION);
  return isOdd ? { kind: "wasm", report: backend.report } : backend;
}

/** The name of a free extent, with the number that it always is; nothing if the same name stands for something else too. */
function fixed(
  { inputs, outputs }: OnnxFile,
  { shape }: Port,
  axis: number,
  extent: number,
): Readonly<Record<string, number>> {
  const name = shape[axis];
  if (typeof name !== "string" || name === "") return {};
  const isElsewhere = (port: Port) =>
    port.shape.some((other, i) => other === name && (i !== axis || port.shape.length !== shape.length));
  return [...inputs, ...outputs].some(isElsewhere) ? {} : { [name]: extent };
}
