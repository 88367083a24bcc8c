/** Opens the networks of a model one after the other: graph, weights, session. */

import { Failure } from "../core/failure";
import { type Backend, precisionOf } from "./device";
import type { Engine } from "./engine";
import {
  type Config,
  chooseFamily,
  type NetworkName,
  type PerNetwork,
  parseJson,
  partOf,
  perNetwork,
} from "./families";
import { type BoundGraph, bindWeights } from "./graph";
import { type LatentScale, latentScale } from "./latentScale";
import { mergeLora, readLora } from "./lora";
import type { GraphLibrary, ModelFiles } from "./modelFiles";
import { pictureSide } from "./promptMatch";
import { readHeader, type SafetensorsHeader } from "./safetensors";
import { openSession, type Session } from "./session";
import { readMounts } from "./weights";

/** What a model is opened from and on. */
export interface LoadOptions {
  readonly model: ModelFiles;
  readonly graphs: GraphLibrary;
  readonly engine: Engine;
  readonly backend: Backend;
  /** "weights" counts bytes of the checkpoint that are ready for use, "sessions" networks that are open. */
  readonly onProgress?: (stage: "weights" | "sessions", done: number, total: number) => void;
}

/** An open model. */
export interface OpenModel {
  readonly sessions: PerNetwork<Session>;
  readonly scale: LatentScale;
  /** Pixels along each side of a picture as "prompt_match" wants it; null if there is no such network. */
  readonly matchSidePx: number | null;
  /** Opens the U-Net once more, a LoRA of the model's folder merged into its weights; the caller releases it. */
  openUnet(lora: string): Promise<Session>;
}

interface Checkpoint {
  readonly weights: Blob;
  readonly header: SafetensorsHeader;
}

/** Where diffusers and transformers save a network's weights, its `config.json` beside them. */
const WEIGHT_FILES: Readonly<Record<NetworkName, string>> = {
  text_encoder: "text_encoder/model.safetensors",
  unet: "unet/diffusion_pytorch_model.safetensors",
  vae_decoder: "vae/diffusion_pytorch_model.safetensors",
  prompt_match: "prompt_match/model.safetensors",
};

/** @throws {Failure} with every session released that was opened on the way. */
export async function openModel(options: LoadOptions): Promise<OpenModel> {
  const { model, graphs, engine, backend, onProgress } = options;
  const brings = (await model.open(WEIGHT_FILES.prompt_match)) !== null;
  const checkpoints = await perNetwork(brings, (name) => readCheckpoint(model, name));
  const configs = await perNetwork(brings, (name) => readConfig(model, name));
  const scale = latentScale(configs.vae_decoder);
  const headers = await perNetwork(brings, async (name) => partOf(checkpoints, name).header);
  const paths = await chooseFamily(graphs, headers, configs);
  const runs = paths.prompt_match !== null;
  const matchSidePx = runs ? pictureSide(partOf(configs, "prompt_match")) : null;
  const bounds = await perNetwork(runs, async (name) => {
    const path = partOf(paths, name)[precisionOf(backend)];
    const graph = await (await required(graphs, path)).arrayBuffer();
    return bindWeights(name, new Uint8Array(graph), partOf(headers, name));
  });
  const parts = Object.values(bounds).filter((bound) => bound !== null);
  const totalBytes = parts.reduce((sum, { readBytes }) => sum + readBytes, 0);
  let doneBytes = 0;
  const onRead = (bytes: number) => {
    doneBytes += bytes;
    onProgress?.("weights", doneBytes, totalBytes);
  };
  const opened: Session[] = [];
  try {
    // One after the other: a model's memory peaks while it loads, and ONNX Runtime mounts weights for one session at a time.
    const sessions = await perNetwork(runs, async (name) => {
      const bound = partOf(bounds, name);
      const mounts = await readMounts(partOf(checkpoints, name).weights, bound, onRead);
      const output = name === "text_encoder" ? "gpu" : "host";
      const session = await openSession(engine, backend, { name, model: bound.model, mounts, output });
      opened.push(session);
      onProgress?.("sessions", opened.length, parts.length);
      return session;
    });
    const openUnet = (lora: string) => openWithLora(options, checkpoints.unet, bounds.unet, lora);
    return { sessions, scale, matchSidePx, openUnet };
  } catch (failure) {
    await Promise.all(opened.map((session) => session.release()));
    throw failure;
  }
}

async function openWithLora(
  { model, engine, backend }: LoadOptions,
  { weights }: Checkpoint,
  bound: BoundGraph,
  path: string,
): Promise<Session> {
  const lora = await readLora(await required(model, path), path, "unet");
  const mounts = await readMounts(weights, bound, () => undefined);
  await mergeLora("unet", bound, mounts, lora, 1);
  return openSession(engine, backend, { name: "unet", model: bound.model, mounts, output: "host" });
}

async function readCheckpoint(model: ModelFiles, name: NetworkName): Promise<Checkpoint> {
  const path = WEIGHT_FILES[name];
  const weights = await required(model, path);
  return { weights, header: await readHeader(weights, path) };
}

async function readConfig(model: ModelFiles, name: NetworkName): Promise<Config> {
  const path = WEIGHT_FILES[name].replace(/[^/]*$/, "config.json");
  return parseJson(path, await (await required(model, path)).text());
}

async function required(files: ModelFiles, path: string): Promise<Blob> {
  const file = await files.open(path);
  if (!file)
    throw new Failure("model-missing", `${path} is missing; a model needs it. Fetch the model again.`);
  return file;
}
