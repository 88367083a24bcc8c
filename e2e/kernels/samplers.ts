/** Every sampler on the GPU against itself on the host: the same seed, the same plan, the same toy of a network. */

import { isSamplerId, type SamplerId } from "../../src/core/recipe";
import type { HostTensor } from "../../src/core/tensor";
import { withGuidance } from "../../src/diffusion/guidance";
import { denoiser } from "../../src/diffusion/parameterization";
import { SAMPLERS, samplingPlan } from "../../src/diffusion/samplers/samplers";
import { noiseSchedule } from "../../src/diffusion/schedule/schedule";
import { configOf } from "../../src/diffusion/testing";
import { hostLatentDevice } from "../../src/pipeline/hostLatentDevice";
import type { LatentDevice } from "../../src/pipeline/ports";
import { farthest, openHarness } from "./harness";
import type { Answer } from "./page";

const DIMS = [1, 4, 9, 7];
const SEED = 2n ** 53n + 5n;

/** Greatest differences by sampler, and what was read back before the end. */
export async function samplers(): Promise<Answer> {
  const { latentDevice, gpu } = await openHarness();
  const numbers: Record<string, number> = {};
  for (const id of Object.keys(SAMPLERS).filter(isSamplerId))
    for (const rescale of [0, 0.7]) {
      const before = latentDevice.bytesRead;
      const onGpu = await finished(latentDevice, id, rescale);
      const read = latentDevice.bytesRead - before;
      numbers[`${id}, rescale ${rescale}`] = farthest(
        onGpu.data,
        (await finished(hostLatentDevice, id, rescale)).data,
      );
      numbers[`${id}, rescale ${rescale}, read beyond the picture`] = read - onGpu.data.byteLength;
    }
  gpu.device.destroy();
  return { numbers, words: {} };
}

/** A whole run with guidance; the network is a linear one that knows the time. */
async function finished(latentDevice: LatentDevice, id: SamplerId, rescale: number): Promise<HostTensor> {
  const scope = latentDevice.open(DIMS, SEED);
  const likes = scope.noise();
  const predict = (strength: number) => async (x: typeof likes, timestep: number) =>
    scope.combine([
      [0.9 - 0.1 * Math.cos(timestep / 300), x],
      [strength * Math.sin(timestep / 200), likes],
    ]);
  const network = denoiser(
    scope,
    "v_prediction",
    withGuidance(
      scope,
      { prompted: predict(0.3), both: async (x, t) => [await predict(0.3)(x, t), await predict(-0.1)(x, t)] },
      { scale: 3, rescale },
    ),
  );
  const schedule = noiseSchedule(configOf({ prediction_type: "v_prediction", timestep_spacing: "trailing" }));
  const start = scope.noise();
  let end = start;
  for await (const { x } of SAMPLERS[id].sampler(
    scope,
    network,
    samplingPlan(id, schedule, { steps: 8, eta: 0.5 }),
    start,
  ))
    end = x;
  const read = await latentDevice.read(end);
  scope.close();
  return read;
}
