/** Rule [D22] of SPEC.md. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { asSigma, asTimestep } from "../core/units";
import { denoiser, type PredictionType } from "./parameterization";
import { CLEAN, noiseLevel } from "./schedule/noiseLevel";
import { numberOps } from "./testing";

const number = fc.double({ min: -4, max: 4, noNaN: true });
const sigma = fc.double({ min: 0.01, max: 100, noNaN: true }).map(asSigma);

it("[D22] finds x_0 in x_t from ε, v and x_0 alike", async () => {
  await fc.assert(
    fc.asyncProperty(number, number, sigma, async (x0, noise, sigma) => {
      const level = noiseLevel(asTimestep(500), sigma);
      const { alphaT, sigmaT } = level;
      const x = alphaT * x0 + sigmaT * noise;
      const said: Record<PredictionType, number> = {
        epsilon: noise,
        v_prediction: alphaT * noise - sigmaT * x0,
        sample: x0,
      };
      for (const [type, output] of Object.entries(said) as [PredictionType, number][]) {
        expect(await denoiser(numberOps(), type, async () => output)(x, level)).toBeCloseTo(x0, 9);
      }
    }),
  );
});

it("[D22] needs no data in x_t when v or x_0 is predicted", async () => {
  const nothingButNoise = noiseLevel(asTimestep(999), asSigma(Number.POSITIVE_INFINITY));
  expect([nothingButNoise.alphaT, nothingButNoise.sigmaT]).toEqual([0, 1]);
  expect(await denoiser(numberOps(), "v_prediction", async () => -0.3)(1.7, nothingButNoise)).toBe(0.3);
  expect(await denoiser(numberOps(), "sample", async () => 0.3)(1.7, nothingButNoise)).toBe(0.3);
});

it("[D22] asks the network at the level's timestep, and frees what it said", async () => {
  const released: number[] = [];
  const ops = { ...numberOps(), release: (latent: number) => released.push(latent) };
  const denoise = denoiser(ops, "sample", async (x, timestep) => x + timestep);
  expect(await denoise(1, noiseLevel(asTimestep(37.5), asSigma(2)))).toBe(38.5);
  expect(released).toEqual([38.5]);
});

it("[D23] spells a noise level in both ways: α² + σ_t² = 1, σ_t / α_t = σ", () => {
  fc.assert(
    fc.property(sigma, (sigma) => {
      const { alphaT, sigmaT } = noiseLevel(asTimestep(0), sigma);
      expect(alphaT ** 2 + sigmaT ** 2).toBeCloseTo(1, 12);
      expect(sigmaT / alphaT / sigma).toBeCloseTo(1, 12);
    }),
  );
  expect([CLEAN.alphaT, CLEAN.sigmaT]).toEqual([1, 0]);
});
