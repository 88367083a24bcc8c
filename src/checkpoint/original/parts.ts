/** The networks that a file of the original layout holds, each under a prefix of its own. */

import { Failure } from "../../core/failure";
import type { NetworkName, Parameter, Parameters } from "../checkpoint";
import type { SafetensorsHeader } from "../weights/safetensors";
import { locate, type Table } from "./table";
import { clipTable, openClipTable } from "./textTable";
import { unetTable } from "./unetTable";
import { vaeTable } from "./vaeTable";

/** A network as a file may have it. */
interface Part {
  readonly name: NetworkName;
  readonly prefix: string;
  readonly table: (names: readonly string[]) => Table;
}

/** In SD-Turbo's file, and in SDXL's refiner, where the second encoder has the place of the first. */
const OPEN_CLIP_FIRST = "conditioner.embedders.0.model.";

/** Stable Diffusion 1.x and 2.x have one text encoder, SDXL has two. */
const PARTS: readonly Part[] = [
  { name: "text_encoder", prefix: "cond_stage_model.transformer.", table: clipTable },
  { name: "text_encoder", prefix: "cond_stage_model.model.", table: openClipTable },
  { name: "text_encoder", prefix: "conditioner.embedders.0.transformer.", table: clipTable },
  { name: "text_encoder", prefix: OPEN_CLIP_FIRST, table: openClipTable },
  { name: "text_encoder_2", prefix: "conditioner.embedders.1.model.", table: openClipTable },
  { name: "unet", prefix: "model.diffusion_model.", table: unetTable },
  { name: "vae_decoder", prefix: "first_stage_model.", table: vaeTable },
];

/**
 * Every network of the file. Whatever has none of the prefixes is left alone: averages over the training (`model_ema.`), noise
 * schedules (`alphas_cumprod`, `betas`, …), which follow from the configurations, and counters.
 *
 * @param path for messages.
 * @throws {Failure} "unsupported" for parts that are of no known kind, "model-missing" if one is not there, "model-corrupt" if one
 * is not whole.
 */
export function networksOf(
  file: Blob,
  path: string,
  header: SafetensorsHeader,
): ReadonlyMap<NetworkName, Parameters> {
  const names = [...header.keys()];
  const networks = new Map<NetworkName, Parameters>();
  for (const { name, prefix, table } of PARTS) {
    const own = names.flatMap((tensor) => (tensor.startsWith(prefix) ? tensor.slice(prefix.length) : []));
    if (own.length === 0) continue;
    if (networks.has(name))
      throw new Failure(
        "unsupported",
        `${path} has two of ${name}, the second one at ${prefix}; wanted one.`,
      );
    networks.set(name, locate(file, header, prefix, table(own)));
  }
  requireWhole(path, names, networks);
  return networks;
}

function requireWhole(
  path: string,
  names: readonly string[],
  networks: ReadonlyMap<NetworkName, Parameters>,
) {
  const isXl = networks.get("unet")?.has("add_embedding.linear_1.weight") === true;
  if (isXl && names.some((name) => name.startsWith(OPEN_CLIP_FIRST)))
    throw new Failure(
      "unsupported",
      `${path} is SDXL's refiner: it finishes pictures that another model began. Open the base model.`,
    );
  const wanted: readonly (readonly [NetworkName, string])[] = [
    ["text_encoder", `text encoder (${isXl ? "conditioner.embedders.0." : "cond_stage_model."}…)`],
    ...(isXl ? [["text_encoder_2", "second text encoder (conditioner.embedders.1.…)"] as const] : []),
    ["vae_decoder", "autoencoder (first_stage_model.…)"],
  ];
  const missing = wanted.flatMap(([name, says]) => (networks.has(name) ? [] : says));
  if (missing.length === 0) return;
  throw new Failure(
    "model-missing",
    `${path} has no ${missing.join(" and no ")}. Get the version of it that has everything in one file, or a diffusers folder of it.`,
  );
}

/** Parameters whose names match, 1x1 convolutions [out, in, 1, 1], as linear layers [out, in]: the same numbers in the same order. */
export function asLinear(parameters: Parameters, names: RegExp): Parameters {
  return reshaped(parameters, names, ([rows, columns]) => [rows, columns]);
}

/** The other way round. */
export function asConvolutions(parameters: Parameters, names: RegExp): Parameters {
  return reshaped(parameters, names, ([rows, columns]) => [rows, columns, 1, 1]);
}

type Matrix = readonly [number, number];

function reshaped(
  parameters: Parameters,
  names: RegExp,
  reshape: (shape: Matrix) => readonly number[],
): Parameters {
  const one = (name: string, parameter: Parameter): Parameter => {
    const [rows, columns, ...rest] = parameter.shape;
    const isMatrix = rows !== undefined && columns !== undefined && rest.every((extent) => extent === 1);
    return names.test(name) && isMatrix ? { ...parameter, shape: reshape([rows, columns]) } : parameter;
  };
  return new Map([...parameters].map(([name, parameter]) => [name, one(name, parameter)]));
}
