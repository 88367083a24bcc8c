/** One pass through a network of an ONNX folder, over host tensors; `gpuOnnxPasses.ts` does the same over GPU buffers. */

import type { Tensor } from "onnxruntime-web";
import { Failure } from "../../core/failure";
import { type HostTensor, onHost } from "../../core/tensor";
import type { DeskTensor } from "../../pipeline/ports";
import { type LatentScale, unscale } from "../latentScale";
import { hostPasses, type Passes } from "../passes";
import type { Session } from "../session";
import { type Feeds, takeFloats } from "../tensors";
import type { DecoderPorts, UnetPorts } from "./contract";
import { onHostInput, repeated, rowsOf } from "./feeding";

/** What a U-Net is asked at once: one latent [1, c, h, w] for n texts, and everything else that its graph wants. */
export interface OnnxQuestion {
  readonly latents: DeskTensor;
  /** [n, tokens, width], on the host. The same object for the same texts. */
  readonly hidden: Tensor;
  readonly besides: Feeds;
}

/** Passes through the networks of one folder. */
export interface OnnxPasses extends Pick<Passes, "desk" | "recover" | "dispose"> {
  /** The U-Net's predictions, [1, c, h, w] for each text, good until the next pass of this `slot`. */
  predict(
    session: Session,
    ports: UnetPorts,
    question: OnnxQuestion,
    slot: number,
  ): Promise<readonly DeskTensor[]>;
  /** Latents as the sampler leaves them -> planes [1, 3, H, W], good until the next call. */
  decode(session: Session, ports: DecoderPorts, latents: DeskTensor, scale: LatentScale): Promise<DeskTensor>;
}

export const hostOnnxPasses: OnnxPasses = {
  ...hostPasses,
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

export function first(outputs: readonly Tensor[]): Tensor {
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
