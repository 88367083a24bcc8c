/** The latent device of networks that take and give host tensors, as on the CPU. */

import { seededNoise } from "../core/random";
import { onHost } from "../core/tensor";
import { hostLatents } from "../diffusion/latents";
import { previewRgba } from "../image/latentPreview";
import { toRgba } from "../image/pixels";
import type { LatentDevice } from "./ports";

/** Keeps tensors as {@link HostTensor}; whatever is asked of it is done at once. */
export const hostLatentDevice: LatentDevice = {
  open(dims, seed) {
    const ops = hostLatents(dims, seededNoise(seed));
    return {
      combine: (terms) => ops.combine(terms.map(([coefficient, latent]) => [coefficient, onHost(latent)])),
      noise: () => ops.noise(),
      matchStandardDeviation: (latent, reference, strength) =>
        ops.matchStandardDeviation(onHost(latent), onHost(reference), strength),
      release: (latent) => ops.release(onHost(latent)),
      close: () => undefined,
    };
  },
  rgba: async (tensor, map) => (map === null ? toRgba(onHost(tensor)) : previewRgba(onHost(tensor), map)),
  read: async (tensor) => onHost(tensor),
  done: async () => undefined,
};
