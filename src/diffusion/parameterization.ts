/**
 * Turns a network's prediction, whatever its kind, into a guess of the clean latent. Samplers ask for x̂_0 and
 * never learn what the network was trained to say.
 */

import type { Timestep } from "../core/units";
import type { LatentOps, Term } from "./latents";
import type { NoiseLevel } from "./schedule/noiseLevel";

/**
 * The kind of a network's output: the noise ε (Ho et al. 2020, arXiv:2006.11239), the velocity v = α_t ε − σ_t
 * x_0 (Salimans & Ho 2022, arXiv:2202.00512) or the clean latent x_0. Names as in scheduler_config.json.
 */
export type PredictionType = "epsilon" | "v_prediction" | "sample";

/** One evaluation of the network: variance-preserving latent in, its raw output (a new latent) out. */
export type Predict<L> = (x: L, timestep: Timestep) => Promise<L>;

/** The clean latent x̂_0 (a new one) that the network sees in x = α_t x_0 + σ_t ε. */
export type Denoise<L> = (x: L, level: NoiseLevel) => Promise<L>;

/**
 * Reads a network's output as x̂_0. Eq. 15 of Ho et al. 2020 for ε, appendix D of Salimans & Ho 2022 for v.
 */
export function denoiser<L>(ops: LatentOps<L>, type: PredictionType, predict: Predict<L>): Denoise<L> {
  return async (x, level) => {
    const output = await predict(x, level.timestep);
    try {
      return ops.combine(denoisedTerms(type, x, output, level));
    } finally {
      ops.release(output);
    }
  };
}

function denoisedTerms<L>(
  type: PredictionType,
  x: L,
  output: L,
  { alphaT, sigmaT }: NoiseLevel,
): readonly Term<L>[] {
  switch (type) {
    case "epsilon": // x = α_t x_0 + σ_t ε
      return [
        [1 / alphaT, x],
        [-sigmaT / alphaT, output],
      ];
    case "v_prediction": // α_t x − σ_t v = (α_t² + σ_t²) x_0
      return [
        [alphaT, x],
        [-sigmaT, output],
      ];
    case "sample":
      return [[1, output]];
  }
}
