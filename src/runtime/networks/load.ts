/** Finds each network's graph, gives it its parameters, and says how it is opened. */

import {
  type Config,
  type ModelSource,
  NETWORK_NAMES,
  type NetworkName,
  type StoredNetwork,
} from "../../checkpoint/checkpoint";
import { type LatentScale, latentScale } from "../../checkpoint/config/latentScale";
import { parseVaeConfig } from "../../checkpoint/config/vae";
import { type ChosenGraph, chooseGraph, readFamilies } from "../../checkpoint/graph/families";
import type { GraphLibrary } from "../../checkpoint/modelFiles";
import { loraEdits, readLora } from "../../checkpoint/weights/lora";
import { Failure } from "../../core/failure";
import { type Backend, precisionOf } from "../device/device";
import { type OpeningOptions, openTogether } from "../memory/openTogether";
import type { Openable, SessionPool } from "../memory/sessionPool";
import type { DecoderDescription } from "../memory/tiling/fittingDecoder";
import { mountWeights, type Reading } from "../ort/mountWeights";
import { type Opening, openCapturing } from "../ort/openCapturing";
import { openSession, type Session } from "../ort/session";
import { pictureSide } from "./promptMatch";

/** A model, its graphs, and the engine and device that it is opened on. */
export interface LoadOptions extends OpeningOptions {
  readonly source: ModelSource;
  readonly graphs: GraphLibrary;
}

/** An open model. */
export interface OpenModel {
  /** By network's name; {@link openFewStep} adds to them. */
  readonly networks: SessionPool;
  readonly scale: LatentScale;
  readonly decoder: DecoderDescription;
  /** Pixels along each side of a picture as "prompt_match" wants it; null if there is no such network. */
  readonly matchSidePx: number | null;
  /** The U-Net once more, a LoRA of the model's folder merged into its weights: the name of it among the networks. */
  openFewStep(lora: string): Promise<string>;
}

type Bound = readonly [NetworkName, ChosenGraph];

const REQUIRED: readonly NetworkName[] = ["text_encoder", "unet", "vae_decoder"];

/** @throws {Failure} with everything released that was opened on the way. */
export async function openModel(options: LoadOptions): Promise<OpenModel> {
  const { source } = options;
  const stored = await readNetworks(source);
  const bounds = await bindAll(options, stored);
  const { config = {} } = stored.get("vae_decoder") ?? {};
  const scale = latentScale(parseVaeConfig(config));
  const decoder = { config, dtypeBytes: precisionFor(config, options.backend) === "f32" ? 4 : 2 };
  const isMatched = bounds.some(([name]) => name === "prompt_match");
  const matchSidePx = isMatched ? pictureSide(stored.get("prompt_match")?.config ?? {}) : null;
  const networks = await openTogether(
    options,
    bounds.map(([name, graph]) => ({
      name,
      readBytes: graph.bound.readBytes,
      openBytes: graph.bound.openBytes,
      open: (onRead, all) => openable(options, name, graph, { onRead }, all).open(),
    })),
  );
  const unet = bounds.find(([name]) => name === "unet");
  if (!unet) throw new Failure("internal", "The model was opened without a unet.");
  return {
    networks,
    scale,
    decoder,
    matchSidePx,
    openFewStep: (lora) => openFewStep(options, networks, unet[1], lora),
  };
}

async function readNetworks(source: ModelSource): Promise<ReadonlyMap<NetworkName, StoredNetwork>> {
  const stored = new Map<NetworkName, StoredNetwork>();
  for (const name of NETWORK_NAMES) {
    const network = await source.network(name);
    if (network) stored.set(name, network);
    else if (REQUIRED.includes(name))
      throw new Failure(
        "model-missing",
        `The model has no weights of a ${name}; wanted those of a Stable Diffusion model: ${REQUIRED.join(", ")}.`,
      );
  }
  return stored;
}

/** A prompt match for which there is no graph is left out, since pictures can be drawn without. */
async function bindAll(
  { graphs, backend }: LoadOptions,
  stored: ReadonlyMap<NetworkName, StoredNetwork>,
): Promise<readonly Bound[]> {
  const library = { graphs, families: await readFamilies(graphs) };
  const bounds: Bound[] = [];
  for (const [name, network] of stored) {
    const choosing = chooseGraph(library, name, network, precisionFor(network.config, backend));
    const chosen = await (name === "prompt_match" ? choosing.catch(nullIfUnsupported) : choosing);
    if (chosen) bounds.push([name, chosen]);
  }
  return bounds;
}

/** A network that overflows in 16 bits has `force_upcast` in its config, as SDXL's autoencoder has. */
function precisionFor(config: Config, backend: Backend): "f32" | "f16" {
  return config["force_upcast"] === true ? "f32" : precisionOf(backend);
}

function nullIfUnsupported(failure: unknown): null {
  if (failure instanceof Failure && failure.code === "unsupported") return null;
  throw failure;
}

/**
 * How one network is opened.
 *
 * @param name what it is, for messages too.
 * @param all where memory for a copy of it can be had; left out, there is none.
 */
export function openable(
  {
    engine,
    backend,
    readerOf,
    captureRule,
  }: Pick<OpeningOptions, "engine" | "backend" | "readerOf" | "captureRule">,
  name: NetworkName,
  { bound }: ChosenGraph,
  reading: Reading,
  all?: SessionPool,
): Openable {
  return {
    bytes: bound.openBytes,
    open() {
      const open: Opening = async (how) => {
        const { mounts, failure } = await mountWeights(name, bound, { readerOf, ...reading });
        const output = name === "prompt_match" ? "host" : "gpu";
        try {
          return await how({ name, model: bound.model, mounts, output });
        } catch (error) {
          throw failure() ?? error; // ONNX Runtime knows only that a file could not be read
        }
      };
      if (name === "unet" && backend.kind === "webgpu" && all)
        return openCapturing({
          ...{ engine, backend, budget: all, bytes: bound.openBytes, open },
          ...(captureRule && { captureRule }),
        });
      return open((options) => openSession(engine, backend, options));
    },
  };
}

async function openFewStep(
  options: LoadOptions,
  networks: SessionPool,
  unet: ChosenGraph,
  path: string,
): Promise<string> {
  const name = `unet with ${path}`;
  if (networks.has(name)) return name;
  const file = await options.source.files.open(path);
  if (!file)
    throw new Failure("model-missing", `${path} is missing; a model needs it. Fetch the model again.`);
  const edits = await loraEdits("unet", unet.bound, await readLora(file, path, "unet"), 1);
  if (!networks.has(name)) networks.add(name, openable(options, "unet", unet, { edits }, networks));
  await networks.use(name, async (session: Session) => session);
  return name;
}
