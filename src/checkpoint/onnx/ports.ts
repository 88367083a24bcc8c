/** Inputs and outputs of the networks of an ONNX folder, found by role: names, dtypes and ranks differ from exporter to exporter. */

import { Failure } from "../../core/failure";
import type { OnnxFile, Port } from "./onnxFile";

/** A U-Net's inputs by role, null for those that it does not have. */
export interface UnetPorts {
  readonly sample: Port;
  readonly timestep: Port;
  readonly hidden: Port;
  readonly timestepCond: Port | null;
  readonly textEmbeds: Port | null;
  readonly timeIds: Port | null;
  readonly output: string;
  /** So many latents at a time, no more and no fewer; null if the graph leaves it free. */
  readonly batch: number | null;
}

/** A text encoder's. */
export interface TextPorts {
  readonly ids: Port;
  /** [batch, tokens, width]: the last hidden state, or for a model with two encoders the one before the last layer. */
  readonly hidden: string;
  /** [batch, projection]; null if it is not wanted. */
  readonly pooled: string | null;
  readonly batch: number | null;
}

/** An autoencoder's decoder. */
export interface DecoderPorts {
  readonly latents: Port;
  readonly output: string;
  readonly batch: number | null;
}

/** An extent that the graph pins; null for one that is free. */
export function extentOf({ shape }: Port, axis: number): number | null {
  const extent = shape[axis];
  return typeof extent === "number" ? extent : null;
}

/** How the input of a role is known: by name, else as the only one left of such a shape. */
interface Role {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly ranks: readonly number[];
}

const FLOATS = ["float32", "float16"];
const INTEGERS = ["int32", "int64"];
const UNET = {
  sample: { names: ["sample", "latents", "latent"], types: FLOATS, ranks: [4] },
  timestep: { names: ["timestep", "timesteps", "t"], types: [...FLOATS, ...INTEGERS], ranks: [0, 1] },
  hidden: { names: ["encoder_hidden_states", "text_embeddings", "context"], types: FLOATS, ranks: [3] },
  timestepCond: { names: ["timestep_cond"], types: FLOATS, ranks: [2] },
  textEmbeds: { names: ["text_embeds"], types: FLOATS, ranks: [2] },
  timeIds: { names: ["time_ids"], types: FLOATS, ranks: [2] },
} as const satisfies Readonly<Record<string, Role>>;
const IDS: Role = { names: ["input_ids", "tokens"], types: INTEGERS, ranks: [2] };
const LATENTS: Role = { names: ["latent_sample", "latent", "latents", "sample"], types: FLOATS, ranks: [4] };

/** @throws {Failure} "unsupported" with one sentence that says which input wants what. */
export function unetPorts(onnx: OnnxFile): UnetPorts {
  const match = matcher("unet", onnx);
  const [sample, timestep, hidden] = [match(UNET.sample), match(UNET.timestep), match(UNET.hidden)];
  const named = {
    timestepCond: match.optional(UNET.timestepCond),
    textEmbeds: match.optional(UNET.textEmbeds),
    timeIds: match.optional(UNET.timeIds),
  };
  match.refuseRest();
  const batched = [sample, hidden, ...Object.values(named).filter((port) => port !== null)];
  const repeated = timestep.shape[0] === 1 ? [] : [timestep]; // one timestep is stretched to the batch by every U-Net
  const batch = pinnedBatch("unet", [...batched, ...repeated]);
  return { sample, timestep, hidden, ...named, output: outputOf(onnx, ["out_sample", "noise_pred"]), batch };
}

/** @param isOneOfTwo SDXL's two encoders give hidden states from before the last layer. @param isProjecting the second one. */
export function textPorts(
  network: string,
  onnx: OnnxFile,
  { isOneOfTwo, isProjecting }: { readonly isOneOfTwo: boolean; readonly isProjecting: boolean },
): TextPorts {
  const match = matcher(network, onnx);
  const ids = match(IDS);
  match.refuseRest();
  const names = onnx.outputs.map(({ name }) => name);
  const hidden = isOneOfTwo ? penultimate(names) : outputOf(onnx, ["last_hidden_state"], 3);
  if (hidden === null)
    throw refusal(
      network,
      `gives ${names.join(", ")}; wanted the hidden states before its last layer, as hidden_states.11 of 12 layers`,
    );
  const pooled = isProjecting ? (names.find((name) => name === "text_embeds") ?? null) : null;
  if (isProjecting && pooled === null)
    throw refusal(network, `gives ${names.join(", ")}; wanted text_embeds too`);
  return { ids, hidden, pooled, batch: pinnedBatch(network, [ids]) };
}

/** @throws {Failure} "unsupported". */
export function decoderPorts(onnx: OnnxFile): DecoderPorts {
  const match = matcher("vae_decoder", onnx);
  const latents = match(LATENTS);
  match.refuseRest();
  const output = outputOf(onnx, ["sample", "image"]);
  return { latents, output, batch: pinnedBatch("vae_decoder", [latents]) };
}

/** "int64[2]" */
export function inWords({ type, shape }: Pick<Port, "type" | "shape">): string {
  return `${type}[${shape.map((extent) => extent || "?").join(", ")}]`;
}

/** "unet input `timestep` wants int64[2]" */
export function wanting(network: string, port: Port): string {
  return `${network} input \`${port.name}\` wants ${inWords(port)}`;
}

/** Hands each input to one role. */
function matcher(network: string, { path, inputs }: OnnxFile) {
  const left = new Set(inputs);
  const fits =
    ({ ranks }: Role) =>
    ({ shape }: Port) =>
      ranks.includes(shape.length);
  const take = (role: Role, port: Port): Port => {
    if (!role.types.includes(port.type) || !fits(role)(port))
      throw new Failure(
        "unsupported",
        `${wanting(network, port)}; what there is for it is ${role.types.join(" or ")} of rank ${role.ranks.join(" or ")} (${path}).`,
      );
    left.delete(port);
    return port;
  };
  const byName = (role: Role) => [...left].find(({ name }) => role.names.includes(name));
  const match = (role: Role): Port => {
    const named = byName(role);
    const alike = [...left].filter((port) => fits(role)(port) && role.types.includes(port.type));
    const port = named ?? (alike.length === 1 ? alike[0] : undefined);
    if (port) return take(role, port);
    const names = inputs.map(({ name }) => name).join(", ") || "none";
    throw refusal(network, `has no input ${role.names[0]}, only ${names} (${path})`);
  };
  return Object.assign(match, {
    optional(role: Role): Port | null {
      const named = byName(role);
      return named ? take(role, named) : null;
    },
    refuseRest(): void {
      const [stranger] = left;
      if (stranger)
        throw refusal(network, `wants an input ${stranger.name}, which nothing here makes (${path})`);
    },
  });
}

/** By name, else the first of this rank. */
function outputOf({ path, outputs }: OnnxFile, names: readonly string[], rank = 4): string {
  const named = outputs.find(({ name }) => names.includes(name));
  // Exporters leave shapes of outputs out, or say nothing of them.
  const output = named ?? outputs.find(({ shape }) => shape.length === rank) ?? outputs[0];
  if (output) return output.name;
  throw new Failure("unsupported", `${path} has no output.`);
}

/** `hidden_states.11` of 0 … 12; the only one where an exporter left out the others. */
function penultimate(names: readonly string[]): string | null {
  const states = names.flatMap((name) => {
    const [, index] = /^hidden_states[._](\d+)$/.exec(name) ?? [];
    return index === undefined ? [] : [{ name, index: Number(index) }];
  });
  states.sort((a, b) => b.index - a.index);
  return (states[1] ?? states[0])?.name ?? null;
}

function pinnedBatch(network: string, ports: readonly Port[]): number | null {
  const [first, ...more] = ports.filter(({ shape: [batch] }) => typeof batch === "number");
  const other = more.find(({ shape }) => shape[0] !== first?.shape[0]);
  if (first && other)
    throw refusal(
      network,
      `wants ${inWords(first)} as ${first.name}, but ${inWords(other)} as ${other.name}`,
    );
  const batch = first?.shape[0];
  return typeof batch === "number" ? batch : null;
}

function refusal(network: string, what: string): Failure {
  return new Failure("unsupported", `${network} ${what}.`);
}
