/** The forward process: noise added to a clean latent in one stroke. */

import type { LatentOps } from "../latents";
import type { NoiseLevel } from "./noiseLevel";

/**
 * A draw of q(x_t | x_0): x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε, variance preserving. Ho et al. 2020
 * (arXiv:2006.11239), Eq. 4.
 *
 * @param noise ε, standard normal.
 */
export function addNoise<L>(ops: LatentOps<L>, x0: L, noise: L, { alphaT, sigmaT }: NoiseLevel): L {
  return ops.combine([
    [alphaT, x0],
    [sigmaT, noise],
  ]);
}
