/** Which graphs belong to a checkpoint: those of the family whose U-Net has the same parameters and the same constants. */

import * as v from "valibot";
import { Failure } from "../core/failure";
import type { GraphLibrary } from "./modelFiles";
import type { SafetensorsHeader } from "./safetensors";

/** The networks that make a picture from a text, in the order of their work. */
export const NETWORK_NAMES = ["text_encoder", "unet", "vae_decoder"] as const;

/** A network, as `family.json` calls it. */
export type NetworkName = (typeof NETWORK_NAMES)[number];

/** One of something for each network. */
export type PerNetwork<T> = Readonly<Record<NetworkName, T>>;

/** The folder of a model that holds a network's `config.json`. */
export const CONFIG_FOLDERS: PerNetwork<string> = {
  text_encoder: "text_encoder",
  unet: "unet",
  vae_decoder: "vae",
};

/** A network's `config.json`, by key. */
export type Config = Readonly<Record<string, unknown>>;

const GRAPHS = v.object({
  graphs: v.object({ f32: v.string(), f16: v.string() }),
  /** Hex SHA-256 of the parameters' names and shapes: see {@link parametersHash}. */
  parameters: v.string(),
  /** What the graph has built in, under the names of `config.json`. */
  config: v.record(v.string(), v.unknown()),
});
const FAMILY = v.object({ networks: v.object({ text_encoder: GRAPHS, unet: GRAPHS, vae_decoder: GRAPHS }) });

/** A family that fits: paths of its graphs in the library. */
export type GraphPaths = PerNetwork<{ readonly f32: string; readonly f16: string }>;

/**
 * @param unet what the U-Net's checkpoint holds.
 * @param configs each network's `config.json`; a key that one lacks is taken to agree.
 * @throws {Failure} "unsupported" saying what was found and why each family is another; "model-corrupt" if a `family.json` is.
 */
export async function chooseFamily(
  graphs: GraphLibrary,
  unet: SafetensorsHeader,
  configs: PerNetwork<Config>,
): Promise<GraphPaths> {
  const parameters = await parametersHash(unet);
  const reasons: string[] = [];
  for (const name of graphs.families) {
    const { networks } = await readFamily(graphs, name);
    const reason =
      networks.unet.parameters === parameters
        ? difference(networks, configs)
        : "the U-Net has other parameters";
    if (reason === null) return pathsOf(name, networks);
    reasons.push(`${name}: ${reason}`);
  }
  throw new Failure(
    "unsupported",
    `This checkpoint's U-Net has ${unet.size} parameters, and no graph here fits it (${reasons.join("; ") || "there are none"}).`,
  );
}

/** Hex SHA-256 of the lines `name 1x2x3`, sorted by name. */
export async function parametersHash(header: SafetensorsHeader): Promise<string> {
  const lines = [...header.keys()].sort().map((name) => `${name} ${header.get(name)?.shape.join("x")}`);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(lines.join("\n")));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function readFamily(graphs: GraphLibrary, name: string): Promise<v.InferOutput<typeof FAMILY>> {
  const path = `${name}/family.json`;
  const file = await graphs.open(path);
  if (!file) throw new Failure("model-missing", `${path} is missing from the app's graphs. Reload the page.`);
  const result = v.safeParse(FAMILY, parseJson(path, await file.text()));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Failure(
    "model-corrupt",
    `${path}: ${v.getDotPath(issue) ?? "the whole file"}: ${issue.message}.`,
  );
}

/** The object in a JSON file. @throws {Failure} "model-corrupt" naming the file. */
export function parseJson(path: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Failure("model-corrupt", `${path} is not JSON. Fetch it again.`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Failure("model-corrupt", `${path} holds no JSON object. Fetch it again.`);
  return Object.fromEntries(Object.entries(value));
}

type Networks = v.InferOutput<typeof FAMILY>["networks"];

/** The first constant in which a checkpoint differs from a family, in words; null if there is none. */
function difference(networks: Networks, configs: PerNetwork<Config>): string | null {
  for (const network of NETWORK_NAMES) {
    const config = configs[network];
    const key = Object.entries(networks[network].config).find(
      ([name, built]) => Object.hasOwn(config, name) && canonical(config[name]) !== canonical(built),
    )?.[0];
    if (key === undefined) continue;
    const [built, found] = [networks[network].config[key], config[key]].map(canonical);
    return `${network}/${key} is ${built} there and ${found} here`;
  }
  return null;
}

/** JSON with sorted keys, so that equal values have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function pathsOf(family: string, networks: Networks): GraphPaths {
  const at = ({ graphs }: Networks[NetworkName]) => ({
    f32: `${family}/${graphs.f32}`,
    f16: `${family}/${graphs.f16}`,
  });
  return {
    text_encoder: at(networks.text_encoder),
    unet: at(networks.unet),
    vae_decoder: at(networks.vae_decoder),
  };
}
