/** A model in diffusers' layout: a folder for each network, its weights beside its `config.json`. */

import { Failure } from "../core/failure";
import type { ModelSource, NetworkName, Parameter } from "./checkpoint";
import { parseJson } from "./json";
import { configPath, NETWORK_FOLDERS } from "./layout/diffusers";
import type { ModelFiles } from "./modelFiles";
import { readWeights } from "./weights/weightFiles";

/** Older names of parameters -> the names of today. */
const RENAMES: Readonly<Partial<Record<NetworkName, (name: string) => string>>> = {
  text_encoder: textName,
  text_encoder_2: textName,
  vae_decoder: autoencoderName,
};

/** Reads nothing before it is asked for a network, and then only headers. */
export function diffusersSource(files: ModelFiles): ModelSource {
  return {
    kind: "diffusers",
    files,
    async network(name) {
      const folder = NETWORK_FOLDERS[name];
      const weights = await readWeights(files, folder);
      if (weights === null) return null;
      const rename = RENAMES[name] ?? ((same: string) => same);
      const path = configPath(folder);
      const config = await files.open(path);
      if (!config)
        throw new Failure("model-missing", `${path} is missing; a model needs it. Fetch the model again.`);
      return { parameters: renamed(folder, weights, rename), config: parseJson(path, await config.text()) };
    },
  };
}

function renamed(
  folder: string,
  weights: ReadonlyMap<string, Parameter>,
  rename: (name: string) => string,
): Map<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  for (const [name, parameter] of weights) {
    if (name.endsWith("position_ids")) continue; // 0, 1, 2, …, which older versions saved along
    const today = rename(name);
    if (parameters.has(today))
      throw new Failure(
        "model-corrupt",
        `${folder}: ${today} is there under two names. Fetch the model again.`,
      );
    parameters.set(today, parameter);
  }
  return parameters;
}

/** transformers 5 leaves the prefix off when it saves a text encoder alone. */
function textName(name: string): string {
  return /^(embeddings|encoder|final_layer_norm)\./.test(name) ? `text_model.${name}` : name;
}

/** Until diffusers 0.12 the autoencoder's attention had names of its own. */
function autoencoderName(name: string): string {
  const [, block, part = "", kind] =
    /^(.*\.attentions\.\d+\.)(query|key|value|proj_attn)\.(weight|bias)$/.exec(name) ?? [];
  const today = { query: "to_q", key: "to_k", value: "to_v", proj_attn: "to_out.0" }[part];
  return today === undefined ? name : `${block}${today}.${kind}`;
}
