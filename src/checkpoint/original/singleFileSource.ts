/** A whole model in one `.safetensors` of the original layout: its parameters by diffusers' names, its configurations from those that are published. */

import { Failure } from "../../core/failure";
import type { Config, ModelSource, NetworkName, Parameters } from "../checkpoint";
import { parametersHash } from "../graph/families";
import type { GraphLibrary, PublishedConfigs } from "../modelFiles";
import { readSafetensors } from "../weights/safetensors";
import { unwrapped } from "../weights/wrappers";
import { type Claims, claimsOf } from "./claims";
import { candidatesOf, chooseConfigs, configsOf, readConfig } from "./configs";
import { refuseOtherFormats, refuseOthers, refuseOtherUnets } from "./otherFiles";
import { asConvolutions, asLinear, networksOf } from "./parts";

/** The files that a checkpoint of nothing but weights needs. */
interface SingleFileOptions {
  readonly published: PublishedConfigs;
  /** Their `family.json` say which configurations go with which U-Net. */
  readonly graphs: GraphLibrary;
  /** Name of the configurations to take, whatever the file looks like; undefined: found by its U-Net and by what it says of itself. */
  readonly configs?: string | undefined;
}

const CONFIGS: Readonly<Partial<Record<NetworkName, string>>> = {
  text_encoder: "text_encoder/config.json",
  text_encoder_2: "text_encoder_2/config.json",
  unet: "unet/config.json",
  vae_decoder: "vae/config.json",
};
const UNET_PROJECTION = /\.attentions\.\d+\.proj_(in|out)\.weight$/;
const VAE_ATTENTION = /\.attentions\.\d+\.to_\w+(\.0)?\.weight$/;

/**
 * Reads the header and decides what the file is; weights are left where they lie.
 *
 * @param path for messages.
 * @throws {Failure} "unsupported" for a file that is something else, or of a kind that has no configurations here; "model-missing" if a
 * part is not in it; "model-corrupt" if it contradicts itself; "bad-request" for configurations that nobody has.
 */
export async function singleFileSource(
  file: Blob,
  path: string,
  options: SingleFileOptions,
): Promise<ModelSource> {
  await refuseOtherFormats(file, path);
  const { tensors, metadata } = await readSafetensors(file, path);
  const header = { tensors: unwrapped(path, tensors), metadata };
  refuseOthers(path, [...header.tensors.keys()]);
  const networks = networksOf(file, path, header.tensors);
  const unet = networks.get("unet") ?? new Map();
  refuseOtherUnets(path, {
    read: extent(unet, "conv_in.weight", 1),
    written: extent(unet, "conv_out.weight", 0),
  });
  const claims = claimsOf(header);
  const { published } = options;
  const configs = await configsFor(path, unet, claims, options);
  return {
    kind: "single-file",
    files: configsOf(published, configs, claims),
    async network(name) {
      const parameters = networks.get(name);
      const config = CONFIGS[name];
      if (!parameters || config === undefined) return null;
      return fitted(name, parameters, await readConfig(published, configs, config));
    },
  };
}

async function configsFor(
  path: string,
  unet: Parameters,
  claims: Claims,
  { published, graphs, configs }: SingleFileOptions,
): Promise<string> {
  if (configs !== undefined) {
    if (published.names.includes(configs)) return configs;
    throw new Failure(
      "bad-request",
      `There are no papers called ${configs}; wanted one of ${published.names.join(", ")}.`,
    );
  }
  for (const form of [unet, asConvolutions(unet, UNET_PROJECTION), asLinear(unet, UNET_PROJECTION)]) {
    const candidates = await candidatesOf(graphs, await parametersHash(form));
    const [first, ...others] = candidates.filter((name) => published.names.includes(name));
    if (first !== undefined) return chooseConfigs(published, [first, ...others], claims);
  }
  throw new Failure(
    "unsupported",
    `${path}: no model that this app has papers of has such a U-Net: ${describe(unet)}.`,
  );
}

/** A network as its configuration wants it: without parameters that it does not mention, and with one shape for layers of one meaning. */
function fitted(name: NetworkName, parameters: Parameters, config: Config) {
  if (name === "unet") {
    const reshape = config["use_linear_projection"] === true ? asLinear : asConvolutions;
    return { parameters: reshape(parameters, UNET_PROJECTION), config };
  }
  if (name === "vae_decoder") return { parameters: asLinear(parameters, VAE_ATTENTION), config };
  return { parameters: usedOf(name, parameters, config), config };
}

/** SD 2.x was trained on the output of the last layer but one. Its configuration and its graph end there; files may have the last. */
function usedOf(name: NetworkName, parameters: Parameters, config: Config): Parameters {
  const layers = Number(config["num_hidden_layers"]);
  const isUsed = (parameter: string): boolean => {
    if (parameter === "text_projection.weight") return name === "text_encoder_2";
    const layer = /\.encoder\.layers\.(\d+)\./.exec(parameter)?.[1];
    return layer === undefined || Number.isNaN(layers) || Number(layer) < layers;
  };
  return new Map([...parameters].filter(([parameter]) => isUsed(parameter)));
}

function extent(parameters: Parameters, name: string, axis: number): number {
  const found = parameters.get(name)?.shape[axis];
  if (found !== undefined) return found;
  throw new Failure("model-corrupt", `The U-Net has no ${name}. Fetch the file again.`);
}

/** A U-Net's sizes, for messages. */
function describe(unet: Parameters): string {
  const widths: number[] = [];
  for (let level = 0; unet.has(`down_blocks.${level}.resnets.0.conv1.weight`); level++)
    widths.push(extent(unet, `down_blocks.${level}.resnets.0.conv1.weight`, 0));
  const crossAttention = [...unet].find(([name]) => name.endsWith(".attn2.to_k.weight"))?.[1].shape[1];
  return `blocks of ${widths.join(", ")} channels, text of width ${crossAttention ?? "0"}, ${unet.size} parameters`;
}
