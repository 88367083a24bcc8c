/** Between the space that Karras et al. 2022 sample in and the one that networks read. */

import type { LatentOps } from "../latents";
import type { Denoise } from "../parameterization";
import type { NoiseLevel } from "../schedule/noiseLevel";

/**
 * x̂_0 for a variance-exploding latent x = x_0 + σ ε: the network reads x / √(σ² + 1) = α_t x. Karras et al.
 * 2022, Table 1.
 */
export function denoiseExploding<L>(
  ops: LatentOps<L>,
  denoise: Denoise<L>,
  x: L,
  level: NoiseLevel,
): Promise<L> {
  return denoise(ops.combine([[level.alphaT, x]]), level);
}
