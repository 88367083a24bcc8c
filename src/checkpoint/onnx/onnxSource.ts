/** A folder of ready-made ONNX files as a model's source: `text_encoder/model.onnx`, `unet/model.onnx`, … or flat, in any exporter's dialect. */

import { Failure } from "../../core/failure";
import { type OnnxNetworkName, onnxPaths } from "../layout/onnx";
import type { ModelFiles, PublishedConfigs } from "../modelFiles";
import { configsOf } from "./configs";
import { type OnnxFile, readOnnx } from "./onnxFile";
import { refuseOperators } from "./operators";
import {
  type DecoderPorts,
  decoderPorts,
  extentOf,
  type TextPorts,
  textPorts,
  type UnetPorts,
  unetPorts,
  wanting,
} from "./ports";

/** One network's file, and what it wants and gives. */
export interface OnnxNetwork<P> {
  readonly name: OnnxNetworkName;
  readonly onnx: OnnxFile;
  readonly file: Blob;
  readonly ports: P;
}

/** A model whose graphs came with it. */
export interface OnnxSource {
  readonly kind: "onnx";
  /** The configurations. */
  readonly files: ModelFiles;
  /** The folder itself. */
  readonly folder: ModelFiles;
  /** One or, for SDXL, two. */
  readonly textEncoders: readonly OnnxNetwork<TextPorts>[];
  readonly unet: OnnxNetwork<UnetPorts>;
  readonly decoder: OnnxNetwork<DecoderPorts>;
}

/**
 * Reads the headers of the networks, not their weights.
 *
 * @param published for configurations that the folder lacks.
 * @throws {Failure} "model-missing" or "model-corrupt" for files that are not there or damaged, "unsupported" in one sentence that
 * says which input wants what.
 */
export async function onnxSource(folder: ModelFiles, published: PublishedConfigs): Promise<OnnxSource> {
  const paths = onnxPaths(folder.paths, "folder");
  const hasTwoTexts = paths.text_encoder_2 !== null;
  const opened = async <P>(name: OnnxNetworkName, path: string, portsOf: (onnx: OnnxFile) => P) => {
    const file = await folder.open(path);
    if (!file) throw new Failure("model-missing", `${path} is missing. Fetch the model again.`);
    const onnx = await readOnnx(file, path);
    refuseOperators(onnx);
    return { name, onnx, file, ports: portsOf(onnx) };
  };
  const encoder = (name: "text_encoder" | "text_encoder_2", path: string) =>
    opened(name, path, (onnx) =>
      textPorts(name, onnx, { isOneOfTwo: hasTwoTexts, isProjecting: name === "text_encoder_2" }),
    );
  const unet = await opened("unet", paths.unet, unetPorts);
  const textEncoders = [await encoder("text_encoder", paths.text_encoder)];
  if (paths.text_encoder_2 !== null) textEncoders.push(await encoder("text_encoder_2", paths.text_encoder_2));
  refuseUnlike(unet.ports, hasTwoTexts);
  const decoder = await opened("vae_decoder", paths.vae_decoder, decoderPorts);
  const root = /^(.*\/)?unet\/[^/]+$/.exec(paths.unet)?.[1] ?? "";
  const shown = { unet: unet.ports, decoder: decoder.onnx, latents: decoder.ports.latents, hasTwoTexts };
  const files = await configsOf(folder, root, published, shown);
  return { kind: "onnx", files, folder, textEncoders, unet, decoder };
}

/** A U-Net that wants the vector of the whole text needs the encoder that makes it. */
function refuseUnlike({ textEmbeds, timeIds }: UnetPorts, hasTwoTexts: boolean): void {
  if (textEmbeds && !hasTwoTexts)
    throw new Failure(
      "unsupported",
      `${wanting("unet", textEmbeds)}, and the folder has no text_encoder_2 to make it.`,
    );
  const numbers = timeIds && extentOf(timeIds, 1);
  if (timeIds && numbers !== null && numbers !== 6)
    throw new Failure("unsupported", `${wanting("unet", timeIds)}; what there is for it has 6 numbers.`);
}
