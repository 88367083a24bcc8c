/** Which graphs belong to a checkpoint: those of the family whose U-Net has the same parameters and the same constants. */

import * as v from "valibot";
import { Failure } from "../core/failure";
import type { GraphLibrary } from "./modelFiles";
import type { SafetensorsHeader } from "./safetensors";

/** The networks that make a picture from a text, in the order of their work: every model has them. */
const DRAWING = ["text_encoder", "unet", "vae_decoder"] as const;

/** A network, as `family.json` calls it. A model may do without "prompt_match", which looks at the finished picture. */
export type NetworkName = (typeof DRAWING)[number] | "prompt_match";

/** One of something for each network; null for one that the model does without. */
export type PerNetwork<T> = Readonly<Record<(typeof DRAWING)[number], T> & { prompt_match: T | null }>;

/** Makes one of something for each network, one after the other. */
export async function perNetwork<T>(
  hasPromptMatch: boolean,
  make: (name: NetworkName) => Promise<T>,
): Promise<PerNetwork<T>> {
  return {
    text_encoder: await make("text_encoder"),
    unet: await make("unet"),
    vae_decoder: await make("vae_decoder"),
    prompt_match: hasPromptMatch ? await make("prompt_match") : null,
  };
}

/** A network's part of something. @throws {Failure} "internal" if the model does without that network. */
export function partOf<T>(all: PerNetwork<T>, name: NetworkName): T {
  const part = all[name];
  if (part === null) throw new Failure("internal", `The model has no ${name}.`);
  return part;
}

/** A network's `config.json`, by key. */
export type Config = Readonly<Record<string, unknown>>;

const GRAPHS = v.object({
  graphs: v.object({ f32: v.string(), f16: v.string() }),
  /** Hex SHA-256 of the parameters' names and shapes: see {@link parametersHash}. */
  parameters: v.string(),
  /** What the graph has built in, under the names of `config.json`. */
  config: v.record(v.string(), v.unknown()),
});
const FAMILY = v.object({
  networks: v.object({
    text_encoder: GRAPHS,
    unet: GRAPHS,
    vae_decoder: GRAPHS,
    prompt_match: v.optional(v.nullable(GRAPHS), null),
  }),
});

/** A family that fits: paths of its graphs in the library; null where the model, or the family, has no such network. */
export type GraphPaths = PerNetwork<{ readonly f32: string; readonly f16: string }>;

/**
 * The U-Net decides; a prompt match that the family has no graph for is left out, since pictures can be drawn without.
 *
 * @param headers what each checkpoint holds.
 * @param configs each network's `config.json`; a key that one lacks is taken to agree.
 * @throws {Failure} "unsupported" saying what was found and why each family is another; "model-corrupt" if a `family.json` is.
 */
export async function chooseFamily(
  graphs: GraphLibrary,
  headers: PerNetwork<SafetensorsHeader>,
  configs: PerNetwork<Config>,
): Promise<GraphPaths> {
  const parameters = await parametersHash(headers.unet);
  const matchParameters = headers.prompt_match && (await parametersHash(headers.prompt_match));
  const reasons: string[] = [];
  for (const name of graphs.families) {
    const { networks } = await readFamily(graphs, name);
    const reason =
      networks.unet.parameters === parameters
        ? difference(networks, configs)
        : "the U-Net has other parameters";
    if (reason === null)
      return pathsOf(name, {
        ...networks,
        prompt_match: fittingMatch(networks.prompt_match, matchParameters, configs.prompt_match),
      });
    reasons.push(`${name}: ${reason}`);
  }
  throw new Failure(
    "unsupported",
    `This checkpoint's U-Net has ${headers.unet.size} parameters, and no graph here fits it (${reasons.join("; ") || "there are none"}).`,
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
  for (const network of DRAWING) {
    const config = configs[network];
    const key = differentKey(networks[network].config, config);
    if (key === undefined) continue;
    const [built, found] = [networks[network].config[key], config[key]].map(canonical);
    return `${network}/${key} is ${built} there and ${found} here`;
  }
  return null;
}

/** The first key whose value is built into a graph otherwise than a checkpoint's configuration has it. */
function differentKey(built: Config, config: Config): string | undefined {
  return Object.keys(built).find(
    (name) => Object.hasOwn(config, name) && canonical(config[name]) !== canonical(built[name]),
  );
}

function fittingMatch(
  entry: Networks["prompt_match"],
  parameters: string | null,
  config: Config | null,
): Networks["prompt_match"] {
  if (!entry || !config || entry.parameters !== parameters) return null;
  return differentKey(entry.config, config) === undefined ? entry : null;
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
  const at = ({ graphs }: v.InferOutput<typeof GRAPHS>) => ({
    f32: `${family}/${graphs.f32}`,
    f16: `${family}/${graphs.f16}`,
  });
  return {
    text_encoder: at(networks.text_encoder),
    unet: at(networks.unet),
    vae_decoder: at(networks.vae_decoder),
    prompt_match: networks.prompt_match && at(networks.prompt_match),
  };
}
