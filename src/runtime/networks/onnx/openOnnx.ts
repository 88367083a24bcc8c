/** Opens the networks of an ONNX folder, each from a graph whose weights stay where they are until they are asked for. */

import { type BoundFile, bindFile, readOpaques } from "../../../checkpoint/onnx/boundFile";
import type { OnnxFile, Port } from "../../../checkpoint/onnx/onnxFile";
import type { OnnxNetwork, OnnxSource } from "../../../checkpoint/onnx/onnxSource";
import { Failure } from "../../../core/failure";
import type { Backend } from "../../device/device";
import { type OpeningOptions, openTogether, type ToOpen } from "../../memory/openTogether";
import type { SessionPool } from "../../memory/sessionPool";
import { mountWeights } from "../../ort/mountWeights";
import { openSession, type Session } from "../../ort/session";

/** An ONNX folder, and what it is opened on. */
export interface OnnxLoadOptions extends OpeningOptions {
  readonly source: OnnxSource;
}

/** One network, about to be opened. */
interface Opening {
  readonly name: string;
  readonly bound: BoundFile;
  readonly backend: Backend;
  readonly fixedExtents: Readonly<Record<string, number>>;
}

/** Attention over padded texts, fused by an exporter: on a GPU ONNX Runtime opens it, and cannot run it with a mask. */
const FUSED_ATTENTION = "com.microsoft:Attention";

/** @param channels of a latent. @throws {Failure} with everything closed that was opened on the way. */
export async function openOnnx(options: OnnxLoadOptions, channels: number | null): Promise<SessionPool> {
  const { source, backend } = options;
  const { textEncoders, unet, decoder } = source;
  const all = [...textEncoders, unet, decoder];
  for (const { name, onnx } of all) refuseHalves(name, onnx, backend);
  const latents = new Map<unknown, Port>([
    [unet, unet.ports.sample],
    [decoder, decoder.ports.latents],
  ]);
  const networks: ToOpen[] = [];
  for (const network of all) {
    const { name, onnx, file } = network;
    const bound = await bindFile(source.folder, onnx, file);
    const port = latents.get(network);
    const fixedExtents = port && channels !== null ? fixed(onnx, port, 1, channels) : {};
    const opening = { name, bound, backend: backendFor(network, backend), fixedExtents };
    const { readBytes, openBytes } = bound;
    networks.push({ name, readBytes, openBytes, open: (onRead) => open(options, opening, onRead) });
  }
  return openTogether(options, networks);
}

async function open(
  { engine, readerOf }: OnnxLoadOptions,
  { name, bound, backend, fixedExtents }: Opening,
  onRead: (bytes: number) => void,
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
    output: name.startsWith("text_encoder") ? "host" : "gpu",
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
