/** Which graph belongs to a network: the one that wants just its parameters and has its constants built in, of whatever family. */

import * as v from "valibot";
import { Failure } from "../../core/failure";
import { hex } from "../../core/numbers";
import type { Config, NetworkName, Parameters, StoredNetwork } from "../checkpoint";
import { parseJson } from "../json";
import type { GraphLibrary } from "../modelFiles";
import { type BoundGraph, bindWeights, essential, parametersOf } from "./binding";

const GRAPHS = v.object({
  graphs: v.object({ f32: v.string(), f16: v.string() }),
  /** Hex SHA-256 of the parameters' names and shapes: see {@link parametersHash}. */
  parameters: v.string(),
  /** Constants that are built into the graph, under the names of `config.json`. */
  config: v.record(v.string(), v.unknown()),
});
const FAMILY = v.object({ networks: v.record(v.string(), GRAPHS) });

type Entry = v.InferOutput<typeof GRAPHS>;

/** The networks in a family's `family.json`. */
export interface Family {
  readonly name: string;
  readonly networks: Readonly<Record<string, Entry>>;
}

/** A graph that fits, with the network's parameters in it. */
export interface ChosenGraph {
  /** In the library. */
  readonly path: string;
  readonly bound: BoundGraph;
}

/** One family's graph, held against a network. */
interface Candidate {
  readonly family: string;
  readonly entry: Entry;
  /** Constants in which it is another. */
  readonly differentKeys: readonly string[];
  /** Constants that are not off in it, and that the checkpoint does not mention. */
  readonly unmentioned: number;
}

/** A graph whose constants agree, and in which its parameters do not; none of these, and it fits. */
interface Comparison {
  readonly path: string;
  readonly family: string;
  readonly graph: Uint8Array;
  readonly wanted: number;
  readonly flaws: readonly string[];
}

/** @throws {Failure} "model-missing" or "model-corrupt" naming the `family.json` that is missing or damaged. */
export async function readFamilies(graphs: GraphLibrary): Promise<readonly Family[]> {
  const families: Family[] = [];
  for (const name of graphs.families) {
    const path = `${name}/family.json`;
    const result = v.safeParse(FAMILY, parseJson(path, await (await graph(graphs, path)).text()));
    if (!result.success) {
      const [issue] = result.issues;
      const place = v.getDotPath(issue) ?? "the whole file";
      throw new Failure("model-corrupt", `${path}: ${place}: ${issue.message}. Fetch it again.`);
    }
    families.push({ name, networks: result.output.networks });
  }
  return families;
}

/**
 * @param stored a key that its `config.json` lacks is taken to agree; parameters that no graph wants do no harm.
 * @param precision what the graph should compute in; some networks have one graph only.
 * @throws {Failure} "unsupported" saying what was found, which graph comes nearest and where it differs.
 */
export async function chooseGraph(
  library: { readonly graphs: GraphLibrary; readonly families: readonly Family[] },
  network: NetworkName,
  stored: StoredNetwork,
  precision: "f32" | "f16",
): Promise<ChosenGraph> {
  const candidates = library.families.flatMap(({ name, networks }): Candidate[] => {
    const entry = networks[network];
    return entry ? [candidateOf(name, entry, stored.config)] : [];
  });
  // Of two that agree, the one that takes less for granted: what a configuration does not mention is off.
  const agreeing = candidates
    .filter(({ differentKeys }) => differentKeys.length === 0)
    .sort((a, b) => a.unmentioned - b.unmentioned);
  const hash = await parametersHash(stored.parameters);
  const exact = agreeing.filter(({ entry }) => entry.parameters === hash);
  const compared: Comparison[] = [];
  for (const { family, entry } of exact.length > 0 ? exact : agreeing)
    compared.push(
      await compare(library.graphs, network, stored, {
        family,
        path: `${family}/${entry.graphs[precision]}`,
      }),
    );
  compared.sort((a, b) => a.flaws.length - b.flaws.length || b.wanted - a.wanted);
  const [best] = compared;
  if (best?.flaws.length === 0)
    return { path: best.path, bound: bindWeights(network, best.graph, stored.parameters) };
  throw new Failure("unsupported", refusal(network, stored, best ?? null, candidates));
}

function candidateOf(family: string, entry: Entry, config: Config): Candidate {
  const built = Object.entries(entry.config);
  const unmentioned = built.filter(([key, value]) => !isOff(value) && !Object.hasOwn(config, key)).length;
  return { family, entry, differentKeys: differentKeys(entry.config, config), unmentioned };
}

async function compare(
  graphs: GraphLibrary,
  network: NetworkName,
  { parameters }: StoredNetwork,
  { family, path }: { readonly family: string; readonly path: string },
): Promise<Comparison> {
  const file = new Uint8Array(await (await graph(graphs, path)).arrayBuffer());
  const flaws: string[] = [];
  const wanted = parametersOf(network, file);
  for (const [name, dims] of wanted) {
    const shape = parameters.get(name)?.shape;
    if (!shape) flaws.push(`wants ${name}, which is missing here`);
    else if (essential(shape) !== essential(dims))
      flaws.push(`wants ${name} as [${dims.join(", ")}], which is [${shape.join(", ")}] here`);
  }
  return { path, family, graph: file, wanted: wanted.size, flaws };
}

async function graph(graphs: GraphLibrary, path: string): Promise<Blob> {
  const file = await graphs.open(path);
  if (!file) throw new Failure("model-missing", `${path} is missing from the app's graphs. Reload the page.`);
  return file;
}

/** Hex SHA-256 of the lines `name 1x2x3`, sorted by name. */
export async function parametersHash(parameters: Parameters): Promise<string> {
  const lines = [...parameters.keys()]
    .sort()
    .map((name) => `${name} ${parameters.get(name)?.shape.join("x")}`);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(lines.join("\n")));
  return hex(new Uint8Array(digest));
}

/** The sizes that tell networks of one kind apart, for messages. */
const FACTS = [
  "_class_name",
  "block_out_channels",
  "cross_attention_dim",
  "addition_embed_type",
  "time_cond_proj_dim",
  "hidden_size",
  "num_hidden_layers",
  "latent_channels",
];
/** So many differences are named. */
const NAMED_MAX = 3;

function refusal(
  network: NetworkName,
  { parameters, config }: StoredNetwork,
  best: Comparison | null,
  candidates: readonly Candidate[],
): string {
  const facts = FACTS.filter((key) => Object.hasOwn(config, key) && config[key] !== null);
  const found = [...facts.map((key) => `${key} ${canonical(config[key])}`), `${parameters.size} parameters`];
  return `${network}: there is no graph for this one (${found.join(", ")}). ${nearest(best, candidates, config)}`;
}

function nearest(best: Comparison | null, candidates: readonly Candidate[], config: Config): string {
  if (best) return `Nearest is ${best.family}, which ${named(best.flaws)}.`;
  const [next] = [...candidates].sort((a, b) => a.differentKeys.length - b.differentKeys.length);
  if (!next) return "No family has a graph for such a network.";
  const differences = next.differentKeys.map(
    (key) => `${key} is ${canonical(next.entry.config[key])} there and ${canonical(config[key])} here`,
  );
  return `Nearest is ${next.family}: ${named(differences)}.`;
}

function named(differences: readonly string[]): string {
  const more = differences.length - NAMED_MAX;
  return `${differences.slice(0, NAMED_MAX).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** Keys whose value is built into a graph otherwise than a checkpoint's configuration has it. */
function differentKeys(built: Config, config: Config): string[] {
  return Object.keys(built).filter((key) => Object.hasOwn(config, key) && !isSame(built[key], config[key]));
}

/** A setting of each block may be written once for all: 8 for [8, 8, 8, 8]. A setting that is off may be null or false. */
function isSame(a: unknown, b: unknown): boolean {
  if (isOff(a) || isOff(b)) return isOff(a) && isOff(b);
  if (Array.isArray(a) === Array.isArray(b)) return canonical(a) === canonical(b);
  const [list, one] = Array.isArray(a) ? [a, b] : [b, a];
  return Array.isArray(list) && list.every((item) => canonical(item) === canonical(one));
}

function isOff(value: unknown): boolean {
  return value === null || value === false;
}

/** JSON with sorted keys, so that equal values have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
