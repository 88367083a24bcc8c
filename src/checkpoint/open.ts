/** Opens a model of any kind, by the files that it consists of. */

import { Failure } from "../core/failure";
import type { ModelSource } from "./checkpoint";
import { diffusersSource } from "./diffusersFolder";
import { layoutKind } from "./layout/kind";
import { isPickle, pickleRefusal } from "./layout/pickle";
import type { GraphLibrary, ModelFiles, PublishedConfigs } from "./modelFiles";
import { type OnnxSource, onnxSource } from "./onnx/onnxSource";
import { singleFileSource } from "./original/singleFileSource";

/** Files of the app's own, for models that do not bring them. */
export interface Supplies {
  readonly graphs: GraphLibrary;
  readonly published: PublishedConfigs;
  /** Name of the published configurations that a single file is read with, whatever it looks like; left out, found by its U-Net. */
  readonly configs?: string | undefined;
}

/** A model of any kind, before it is opened: its configurations, and where its networks lie. */
export type AnySource = ModelSource | OnnxSource;

/** Files that may hold a whole model; GGUF is refused in a sentence of its own. */
const SINGLE = /^[^/]+\.(safetensors|gguf)$/i;

/**
 * @param files a folder, or one file.
 * @throws {Failure} "unsupported" or "model-missing" for what is no model that runs here, saying what was found.
 */
export async function openSource(files: ModelFiles, supplies: Supplies): Promise<AnySource> {
  const { paths } = files;
  switch (layoutKind(paths)) {
    case "diffusers":
      return diffusersSource(files);
    case "onnx":
      return onnxSource(files, supplies.published);
    case "tiny-decoder":
      throw new Failure("unsupported", TINY_DECODER);
    case "other":
      return openSingle(files, supplies);
  }
}

async function openSingle(files: ModelFiles, supplies: Supplies): Promise<ModelSource> {
  const { paths } = files;
  const singles = paths.filter((path) => SINGLE.test(path)).sort((a, b) => rank(a) - rank(b));
  const [single, ...others] = singles;
  if (single === undefined) throw notAModel(paths);
  if (others.some((other) => rank(other) === rank(single)))
    throw new Failure(
      "bad-request",
      `Wanted one model, got ${singles.join(", ")}. Choose one of these files.`,
    );
  const file = await files.open(single);
  if (!file) throw new Failure("model-missing", `${single} is missing.`);
  return singleFileSource(file, single, supplies);
}

const TINY_DECODER =
  "This is one network by itself, and no model to draw with. A tiny decoder such as TAESD draws the previews of the models that it fits: keep it in the library, and load one of those.";

/** Readable files come before those that are only refused. */
function rank(path: string): number {
  return path.endsWith(".safetensors") ? 0 : 1;
}

/** A message names at most so many files. */
const NAMED_MAX = 5;

function notAModel(paths: readonly string[]): Failure {
  const pickle = paths.find(isPickle);
  if (pickle !== undefined) return pickleRefusal(pickle);
  const found = paths.slice(0, NAMED_MAX).join(", ") + (paths.length > NAMED_MAX ? ", …" : "");
  return new Failure(
    "model-missing",
    `Wanted a model: a folder in diffusers' layout (with unet/ in it), an ONNX folder, or one .safetensors file; got ${found || "nothing"}.`,
  );
}
