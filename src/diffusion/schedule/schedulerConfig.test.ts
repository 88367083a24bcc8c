/** Rules [D33]-[D36] of SPEC.md. */

import { describe, expect, it } from "vitest";
import { parseSchedulerConfig } from "./schedulerConfig";

describe("parseSchedulerConfig", () => {
  it("[D33] reads Stable Diffusion 1.5's own file", () => {
    const config = parseSchedulerConfig({
      _class_name: "PNDMScheduler",
      _diffusers_version: "0.6.0",
      beta_end: 0.012,
      beta_schedule: "scaled_linear",
      beta_start: 0.00085,
      num_train_timesteps: 1000,
      set_alpha_to_one: false,
      skip_prk_steps: true,
      steps_offset: 1,
      trained_betas: null,
      clip_sample: false,
    });
    expect(config).toEqual({
      algorithmType: "dpmsolver++",
      disableCorrector: [],
      hasOtherPredictor: false,
      lambdaMinClipped: null,
      predictX0: true,
      solverType: undefined,
      numTrainTimesteps: 1000,
      betaSchedule: { kind: "scaled_linear", start: 0.00085, end: 0.012 },
      rescaleBetasZeroSnr: false,
      predictionType: "epsilon",
      timestepSpacing: undefined,
      stepsOffset: 1,
      sigmaSpacing: "trained",
      finalSigmasType: "zero",
      setAlphaToOne: false,
      varianceType: "fixed_small",
      solverOrder: 2,
      lowerOrderFinal: true,
      eulerAtFinal: false,
      originalInferenceSteps: 50,
      timestepScaling: 10,
    });
  });

  it.each([
    ["DDIMScheduler", { kind: "linear", start: 0.0001, end: 0.02 }],
    ["EulerDiscreteScheduler", { kind: "linear", start: 0.0001, end: 0.02 }],
    ["HeunDiscreteScheduler", { kind: "linear", start: 0.00085, end: 0.012 }],
    ["LCMScheduler", { kind: "scaled_linear", start: 0.00085, end: 0.012 }],
  ])("[D34] takes the betas of %s where none are given", (_class_name, betaSchedule) => {
    expect(parseSchedulerConfig({ _class_name }).betaSchedule).toEqual(betaSchedule);
  });

  it("[D34] reads null as absent, and follows each switch", () => {
    const read = (changes: object) => parseSchedulerConfig({ _class_name: "DDIMScheduler", ...changes });
    expect(read({ prediction_type: null, variance_type: null, solver_order: null })).toEqual(read({}));
    expect(read({ use_karras_sigmas: true }).sigmaSpacing).toBe("karras");
    expect(read({ use_exponential_sigmas: true }).sigmaSpacing).toBe("exponential");
    expect(read({ variance_type: "fixed_large" }).varianceType).toBe("fixed_large");
    expect(read({ solver_order: 3 }).solverOrder).toBe(2);
    expect(read({ beta_schedule: "squaredcos_cap_v2" }).betaSchedule).toEqual({ kind: "squaredcos_cap_v2" });
    expect(read({ trained_betas: [0.1, 0.2], num_train_timesteps: 2 }).betaSchedule).toEqual({
      kind: "trained",
      betas: [0.1, 0.2],
    });
  });

  it.each([
    ["null", null, /whole file: wanted Object, got null/],
    ["a list", [], /_class_name: wanted "_class_name", got undefined/],
    ["no class", {}, /_class_name/],
    ["another class", { _class_name: "UNet2DConditionModel" }, /_class_name/],
    ["steps as text", { num_train_timesteps: "1000" }, /num_train_timesteps: wanted number, got "1000"/],
    ["half a step", { num_train_timesteps: 10.5 }, /num_train_timesteps/],
    ["no steps", { num_train_timesteps: 0 }, /num_train_timesteps: wanted >=1, got 0/],
    ["a beta of 1", { beta_end: 1 }, /beta_end: wanted <1, got 1/],
    ["a beta of 0", { beta_start: 0 }, /beta_start: wanted >0, got 0/],
    [
      "an unknown schedule",
      { beta_schedule: "sigmoid" },
      /beta_schedule: wanted .*"squaredcos_cap_v2".*, got "sigmoid"/,
    ],
    ["an unknown prediction", { prediction_type: "flow_prediction" }, /prediction_type/],
    ["an unknown spacing", { timestep_spacing: "random" }, /timestep_spacing/],
    ["a learned variance", { variance_type: "learned_range" }, /variance_type/],
    [
      "two spacings of σ",
      { use_karras_sigmas: true, use_exponential_sigmas: true },
      /at most one of them true/,
    ],
    ["betas of another number", { trained_betas: [0.1, 0.2] }, /trained_betas: wanted 1000 numbers .*got 2/],
  ])("[D35] refuses %s, naming key, what was wanted and what came", (_, json, message) => {
    const file = json === null || Array.isArray(json) ? json : { _class_name: "DDIMScheduler", ...json };
    const whole = JSON.stringify(json) === "{}" ? {} : file;
    expect(() => parseSchedulerConfig(whole)).toThrow(
      expect.objectContaining({ code: "model-corrupt", message: expect.stringMatching(message) }),
    );
  });

  it.each([
    { _class_name: "FlowMatchEulerDiscreteScheduler" },
    { _class_name: "EDMEulerScheduler" },
    { thresholding: true },
    { use_beta_sigmas: true },
    { use_flow_sigmas: true },
    { use_lu_lambdas: true },
    { interpolation_type: "log_linear" },
    { timestep_type: "continuous" },
    { sigma_max: 80 },
  ])("[D36] says that it cannot follow %o", (changes) => {
    expect(() => parseSchedulerConfig({ _class_name: "EulerDiscreteScheduler", ...changes })).toThrow(
      expect.objectContaining({
        code: "unsupported",
        message: expect.stringContaining(
          Object.keys(changes)[0] === "_class_name"
            ? String(Object.values(changes)[0])
            : String(Object.keys(changes)[0]),
        ),
      }),
    );
  });
});
