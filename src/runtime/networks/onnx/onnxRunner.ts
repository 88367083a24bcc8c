/** One pass through a network of an ONNX folder, over host tensors; `gpuOnnxRunner.ts` does the same over GPU buffers. */

import { type LatentScale, unscale } from "../../../checkpoint/config/latentScale";
import type { DecoderPorts, UnetPorts } from "../../../checkpoint/onnx/ports";
import { Failure } from "../../../core/failure";
import { type HostTensor, onHost } from "../../../core/tensor";
import type { DeviceTensor } from "../../../pipeline/ports";
import type { Session } from "../../ort/session";
import { type Feeds, type OrtTensor, takeFloats } from "../../ort/tensors";
import { hostNetworkRunner, type NetworkRunner } from "../networkRunner";
import { onHostInput, repeated, rowsOf } from "./feeding";

/** Input of one pass through the U-Net: one latent [1, c, h, w] for n texts, and everything else that its graph wants. */
export interface OnnxQuestion {
  readonly latents: DeviceTensor;
  /** [n, tokens, width], on the host. The same object for the same texts. */
  readonly hidden: OrtTensor;
  readonly besides: Feeds;
}

/** Passes through the networks of one folder. */
export interface OnnxRunner extends Pick<NetworkRunner, "latentDevice" | "recover" | "dispose"> {
  /** The U-Net's predictions, [1, c, h, w] for each text, good until the next pass of this `slot`. */
  predict(
    session: Session,
    ports: UnetPorts,
    question: OnnxQuestion,
    slot: number,
  ): Promise<readonly DeviceTensor[]>;
  /** Latents as the sampler leaves them -> planes [1, 3, H, W], good until the next call. */
  decode(
    session: Session,
    ports: DecoderPorts,
    latents: DeviceTensor,
    scale: LatentScale,
  ): Promise<DeviceTensor>;
}

export const hostOnnxRunner: OnnxRunner = {
  ...hostNetworkRunner,
  async predict(session, { sample, hidden: port, output }, { latents, hidden, besides }) {
    const n = hidden.dims[0] ?? 1;
    const feeds = {
      ...besides,
      [sample.name]: repeated(onHost(latents), n),
      [port.name]: onHostInput(hidden),
    };
    return rowsOf(takeFloats(first(await session.runFor(feeds, [output]))), n);
  },
  async decode(session, { latents: port, batch, output }, latents, scale) {
    const { dims, data } = onHost(latents);
    const feeds = { [port.name]: repeated({ dims, data: unscale(data, scale) }, batch ?? 1) };
    const [planes] = rowsOf(takeFloats(first(await session.runFor(feeds, [output]))), 1);
    return believable(planes);
  },
};

export function first(outputs: readonly OrtTensor[]): OrtTensor {
  const [output] = outputs;
  if (output) return output;
  throw new Failure("internal", "A network gave fewer outputs than were asked for.");
}

/** Many decoders in 16 bits overflow, and would draw black. */
function believable(planes: HostTensor | undefined): HostTensor {
  if (planes?.data.every(Number.isFinite)) return planes;
  throw new Failure(
    "unsupported",
    "vae_decoder gave numbers that are infinite or none (NaN): its 16 bits cannot hold them. Use a model whose decoder computes in 32.",
  );
}
