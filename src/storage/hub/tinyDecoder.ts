/** A repository that is one network by itself: a tiny decoder, which draws the previews of the models whose latents it was made for. */

import * as v from "valibot";
import { isTinyDecoder } from "../../checkpoint/layout/kind";
import { Failure } from "../../core/failure";
import type { PlannedFile } from "../../protocol/library";
import type { Repository } from "./repository";
import { findWeights } from "./weights";

const CONFIG = "config.json";
const CLASS = v.object({ _class_name: v.optional(v.string()) });

/**
 * Configuration and weights of the repository's one network; null if it is no such repository. What else lies there, as the same
 * weights under other names, is left.
 *
 * @throws {Failure} "unsupported" for a network that is of no use alone.
 */
export async function tinyDecoderFiles(repository: Repository): Promise<PlannedFile[] | null> {
  if (repository.paths !== null && !isTinyDecoder(repository.paths)) return null;
  const config = await repository.find(CONFIG);
  if (config === null) return null;
  const weights = await findWeights(repository, "", "diffusion_pytorch_model");
  if (weights === null || weights.path.endsWith(".json")) return null;
  const { _class_name: name } = await repository.json(config, CLASS);
  if (name === "AutoencoderTiny") return [config, weights];
  throw new Failure(
    "unsupported",
    `The repository has one network, a ${name ?? "network without a name"}, which draws nothing alone; wanted a whole model, or an AutoencoderTiny for previews.`,
  );
}
