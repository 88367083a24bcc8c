/** The second stage: from a start latent to a clean one, by the sampler's loop over one guided U-Net. */

import type { Model } from "../checkpoint/model";
import { Failure } from "../core/failure";
import { guidedSteps } from "../core/guidedSteps";
import type { Recipe } from "../core/recipe";
import { type GuidedNetwork, inInterval, withGuidance } from "../diffusion/guidance";
import { type Denoise, denoiser } from "../diffusion/parameterization";
import { SAMPLERS, samplingPlan } from "../diffusion/samplers/samplers";
import { planFrom } from "../diffusion/schedule/plan";
import { noiseSchedule } from "../diffusion/schedule/schedule";
import { classifierFreeScale } from "./conditioning";
import { type Observer, stopIfCancelled } from "./observer";
import { Pace } from "./pace";
import type { DeviceTensor, Embeddings, LatentScope, Networks, UnetExtras } from "./ports";

/** Inputs of the loop. */
export interface DenoiseInputs {
  readonly networks: Networks;
  /** Holds every latent of the run. */
  readonly scope: LatentScope;
  readonly texts: { readonly prompted: Embeddings; readonly unprompted: Embeddings };
  readonly extras: UnetExtras;
  /**
   * Where the run begins: `latent` [1, channels, h, w] goes into step `step`, 0 ... steps - 1. For step 0 it is standard normal
   * noise; for a later one it is a latent as the sampler itself has it there.
   */
  readonly start: { readonly latent: DeviceTensor; readonly step: number };
}

/**
 * Runs the sampler and calls the observer's hook after every step. Steps are counted over the whole plan, wherever the run starts.
 *
 * @returns the latents as the sampler leaves them; they stay in the scope.
 * @throws {Failure} "bad-request" for steps, eta or guidance out of range, "cancelled", or any failure of the U-Net.
 */
export async function denoise(
  recipe: Recipe,
  model: Model,
  inputs: DenoiseInputs,
  observer: Observer,
): Promise<DeviceTensor> {
  const { scope, start } = inputs;
  const { latentDevice } = inputs.networks;
  // A sampler works on a step only while it is asked for it, so that every evaluation belongs to this one.
  let step = start.step;
  const network = guidedDenoiser(recipe, model, inputs, () => step);
  const { sigmaSpacing = model.schedulerConfig.sigmaSpacing } = recipe;
  const schedule = noiseSchedule({ ...model.schedulerConfig, sigmaSpacing });
  const plan = samplingPlan(recipe.sampler, schedule, recipe);
  const { sampler } = SAMPLERS[recipe.sampler];
  const pace = new Pace(latentDevice, observer.now);
  let latents = start.latent;
  for await (const { x, denoised } of sampler(scope, network, planFrom(plan, start.step), latents)) {
    latents = x;
    step++;
    await pace.keep();
    await observer.step({ step, steps: plan.steps.length, denoised, latentDevice });
    await stopIfCancelled(observer);
    pace.mark();
  }
  await latentDevice.done();
  return latents;
}

/** The U-Net as samplers ask it: guided in the recipe's interval of steps, with the prompt alone outside it. */
function guidedDenoiser(
  recipe: Recipe,
  model: Model,
  { networks, scope, texts, extras }: DenoiseInputs,
  step: () => number,
): Denoise<DeviceTensor> {
  const unet = guidedNetwork(networks, texts, extras);
  const guidance = { scale: classifierFreeScale(recipe, model), rescale: recipe.guidanceRescale };
  const { first, end } = guidedSteps(recipe);
  const isGuided = () => first <= step() && step() < end;
  const predict = inInterval(withGuidance(scope, unet, guidance), unet.prompted, isGuided);
  return denoiser(scope, model.schedulerConfig.predictionType, predict);
}

/** The U-Net with the prompt alone, in one pass, or with both texts at once. */
function guidedNetwork(
  networks: Networks,
  texts: DenoiseInputs["texts"],
  extras: UnetExtras,
): GuidedNetwork<DeviceTensor> {
  return {
    prompted: async (x, timestep) => one(await networks.predict(x, timestep, [texts.prompted], extras)),
    both: async (x, timestep) => {
      const both = [texts.unprompted, texts.prompted];
      const [unprompted, prompted] = await networks.predict(x, timestep, both, extras);
      return [one([prompted]), one([unprompted])];
    },
  };
}

function one(predictions: readonly (DeviceTensor | undefined)[]): DeviceTensor {
  const [prediction] = predictions;
  if (!prediction) throw new Failure("internal", "Wanted a prediction for every text, got fewer.");
  return prediction;
}
