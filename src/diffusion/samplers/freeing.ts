/** Frees what samplers leave behind, so that their loops can read like the papers. */

import type { LatentOps } from "../latents";
import type { Sampler } from "./sampler";

/**
 * A sampler may use what it made in this step and the three before it. PNDM of fourth order looks back that far.
 */
const REMEMBERED_STEPS = 4;

interface Freeing<L> {
  /** Operations whose results are freed later. */
  readonly ops: LatentOps<L>;
  /** Takes ownership of a latent made elsewhere. */
  adopt(latent: L): L;
  /** Frees what no sampler remembers any more. */
  endStep(): void;
  /** Frees everything but `kept`. */
  close(kept: readonly L[]): void;
}

/**
 * A sampler that leaks nothing, made of a loop that releases nothing. Ownership is as {@link Sampler} says.
 */
export function managed(loop: Sampler): Sampler {
  return async function* run(ops, denoise, plan, start) {
    const freeing = freeingOps(ops);
    const owned: typeof denoise = async (x, level) => freeing.adopt(await denoise(x, level));
    let kept: (typeof start)[] = [];
    try {
      let last: typeof kept = [];
      for await (const step of loop(freeing.ops, owned, plan, start)) {
        yield step;
        freeing.endStep();
        last = [step.x];
      }
      kept = last;
    } finally {
      freeing.close(kept);
    }
  };
}

function freeingOps<L>(ops: LatentOps<L>): Freeing<L> {
  let generations: L[][] = [[]];
  const adopt = (latent: L): L => {
    generations.at(-1)?.push(latent);
    return latent;
  };
  const free = (latents: readonly L[]): void => {
    for (const latent of latents) ops.release(latent);
  };
  return {
    ops: {
      combine: (terms) => adopt(ops.combine(terms)),
      noise: () => adopt(ops.noise()),
      matchStandardDeviation: (latent, reference, strength) =>
        adopt(ops.matchStandardDeviation(latent, reference, strength)),
      release: () => {},
    },
    adopt,
    endStep() {
      generations.push([]);
      free(generations.slice(0, -REMEMBERED_STEPS).flat());
      generations = generations.slice(-REMEMBERED_STEPS);
    },
    close(kept) {
      free(generations.flat().filter((latent) => !kept.includes(latent)));
      generations = [];
    },
  };
}
