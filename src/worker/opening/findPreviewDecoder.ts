/** Which tiny decoder is here that draws the previews of a model: one beside its own networks, else one that the library keeps. */

import { decoderSpaceOf } from "../../checkpoint/config/latentFormat";
import type { Model } from "../../checkpoint/model";
import type { ModelFiles } from "../../checkpoint/modelFiles";
import { folderIn, tinyConfig } from "../../runtime/networks/tinyDecoder";
import type { Library } from "../../storage/library/library";

/** The folder of a model in which its makers, or whoever keeps it, put a tiny decoder for its latents. */
const BESIDE = "taesd";

/**
 * One beside the model fits by being there. One in the library fits if its name says that it was made for the space that
 * the model's latents are in, and for no model whose space is not known.
 *
 * @returns the decoder's own folder; null if there is none that fits.
 */
export async function findPreviewDecoder(
  { latentSpace }: Pick<Model, "latentSpace">,
  files: ModelFiles,
  library: Pick<Library, "list" | "open">,
): Promise<ModelFiles | null> {
  const beside = folderIn(files, BESIDE);
  if ((await tinyConfig(beside)) !== null) return beside;
  if (latentSpace === null) return null;
  for (const { modelId, name, origin, state, isTinyDecoder } of await library.list()) {
    if (state !== "ready" || !isTinyDecoder) continue;
    const kept = await library.open(modelId);
    const config = await tinyConfig(kept);
    const names = [origin?.kind === "hub" ? origin.repository : "", config?.["_name_or_path"], name];
    const told = names.filter((each) => typeof each === "string");
    if (config !== null && decoderSpaceOf(told) === latentSpace) return kept;
  }
  return null;
}
