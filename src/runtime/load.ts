/** Opens the networks of a model one after the other: graph, weights, session. */

import { Failure } from "../core/failure";
import { type Backend, precisionOf } from "./device";
import type { Engine } from "./engine";
import {
  CONFIG_FOLDERS,
  type Config,
  chooseFamily,
  NETWORK_NAMES,
  type NetworkName,
  type PerNetwork,
  parseJson,
} from "./families";
import { bindWeights } from "./graph";
import { type LatentScale, latentScale } from "./latentScale";
import type { GraphLibrary, ModelFiles } from "./modelFiles";
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
}

interface Checkpoint {
  readonly weights: Blob;
  readonly header: SafetensorsHeader;
}

/** Where diffusers and transformers save a network's weights. */
const WEIGHT_FILES: PerNetwork<string> = {
  text_encoder: "text_encoder/model.safetensors",
  unet: "unet/diffusion_pytorch_model.safetensors",
  vae_decoder: "vae/diffusion_pytorch_model.safetensors",
};

/** @throws {Failure} with every session released that was opened on the way. */
export async function openModel(options: LoadOptions): Promise<OpenModel> {
  const { model, graphs, engine, backend, onProgress } = options;
  const checkpoints = await perNetwork((name) => readCheckpoint(model, name));
  const configs = await perNetwork((name) => readConfig(model, name));
  const scale = latentScale(configs.vae_decoder);
  const paths = await chooseFamily(graphs, checkpoints.unet.header, configs);
  const bounds = await perNetwork(async (name) => {
    const graph = await (await required(graphs, paths[name][precisionOf(backend)])).arrayBuffer();
    return bindWeights(name, new Uint8Array(graph), checkpoints[name].header);
  });
  const totalBytes = NETWORK_NAMES.reduce((sum, name) => sum + bounds[name].readBytes, 0);
  let doneBytes = 0;
  const onRead = (bytes: number) => {
    doneBytes += bytes;
    onProgress?.("weights", doneBytes, totalBytes);
  };
  const opened: Session[] = [];
  try {
    const sessions = await perNetwork(async (name) => {
      const mounts = await readMounts(checkpoints[name].weights, bounds[name], onRead);
      const output = name === "text_encoder" ? "gpu" : "host";
      const session = await openSession(engine, backend, { name, model: bounds[name].model, mounts, output });
      opened.push(session);
      onProgress?.("sessions", opened.length, NETWORK_NAMES.length);
      return session;
    });
    return { sessions, scale };
  } catch (failure) {
    await Promise.all(opened.map((session) => session.release()));
    throw failure;
  }
}

/** One after the other: a model's memory peaks while it loads, and ONNX Runtime mounts weights for one session at a time. */
async function perNetwork<T>(make: (name: NetworkName) => Promise<T>): Promise<PerNetwork<T>> {
  return {
    text_encoder: await make("text_encoder"),
    unet: await make("unet"),
    vae_decoder: await make("vae_decoder"),
  };
}

async function readCheckpoint(model: ModelFiles, name: NetworkName): Promise<Checkpoint> {
  const path = WEIGHT_FILES[name];
  const weights = await required(model, path);
  return { weights, header: await readHeader(weights, path) };
}

async function readConfig(model: ModelFiles, name: NetworkName): Promise<Config> {
  const path = `${CONFIG_FOLDERS[name]}/config.json`;
  return parseJson(path, await (await required(model, path)).text());
}

async function required(files: ModelFiles, path: string): Promise<Blob> {
  const file = await files.open(path);
  if (!file)
    throw new Failure("model-missing", `${path} is missing; a model needs it. Fetch the model again.`);
  return file;
}
