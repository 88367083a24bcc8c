/** Classifier-free guidance: trading variety for agreement with the prompt. */

import { Failure } from "../core/failure";
import type { Timestep } from "../core/units";
import type { LatentOps } from "./latents";
import type { Predict } from "./parameterization";

/** How strongly to push away from what the network would draw unprompted. */
export interface Guidance {
  /** 1 is the prompted network as it is; any finite number. */
  readonly scale: number;
  /** φ in [0, 1]: how much of the prompted output's spread to restore. 0 is off, 0.7 the paper's choice. */
  readonly rescale: number;
}

/** The network, asked with the prompt alone or both with and without it (a batch of two, or two passes). */
export interface GuidedNetwork<L> {
  readonly prompted: Predict<L>;
  readonly both: (x: L, timestep: Timestep) => Promise<readonly [prompted: L, unprompted: L]>;
}

/**
 * One prediction out of two, on the network's raw outputs (rescaling does not commute with the conversion to
 * x̂_0). At scale 1 it is the prompted prediction itself: one pass, and the unprompted network is never
 * asked.
 *
 * @throws {Failure} "bad-request" for a scale that is not finite or a rescale outside [0, 1].
 */
export function withGuidance<L>(
  ops: LatentOps<L>,
  network: GuidedNetwork<L>,
  guidance: Guidance,
): Predict<L> {
  requireGuidance(guidance);
  if (guidance.scale === 1) return network.prompted;
  return async (x, timestep) => {
    const [prompted, unprompted] = await network.both(x, timestep);
    try {
      return guide(ops, prompted, unprompted, guidance);
    } finally {
      ops.release(prompted);
      ops.release(unprompted);
    }
  };
}

/**
 * Guidance while `isGuided`, and one pass of the prompted network else: Kynkäänniemi et al. 2024 (arXiv:2404.07724). Asked at
 * each evaluation, so that whoever knows in which step it is decides for all of that step.
 */
export function inInterval<L>(guided: Predict<L>, prompted: Predict<L>, isGuided: () => boolean): Predict<L> {
  return (x, timestep) => (isGuided() ? guided : prompted)(x, timestep);
}

/**
 * Ho & Salimans 2022 (arXiv:2207.12598), Eq. 6, with scale = 1 + w: ε̃ = ε_u + scale · (ε_c − ε_u). Then the
 * rescale of Lin et al. 2023 (arXiv:2305.08891), section 3.4, Eq. 15-16.
 */
function guide<L>(ops: LatentOps<L>, prompted: L, unprompted: L, { scale, rescale }: Guidance): L {
  const guided = ops.combine([
    [scale, prompted],
    [1 - scale, unprompted],
  ]);
  if (rescale === 0) return guided;
  try {
    return ops.matchStandardDeviation(guided, prompted, rescale);
  } finally {
    ops.release(guided);
  }
}

function requireGuidance({ scale, rescale }: Guidance): void {
  if (!Number.isFinite(scale)) {
    throw new Failure("bad-request", `Guidance is a finite number (1 turns it off), got ${scale}.`);
  }
  if (!(rescale >= 0 && rescale <= 1)) {
    throw new Failure("bad-request", `Guidance rescale is a number from 0 to 1, got ${rescale}.`);
  }
}
