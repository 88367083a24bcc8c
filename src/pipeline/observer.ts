/** The caller's view of a drawing: its stages, its steps, its clock, and the way to stop it. */

import { Failure } from "../core/failure";
import type { HostTensor } from "../core/tensor";
import type { DeviceTensor, LatentDevice } from "./ports";

/** The stages that take time. */
export type Stage = "encode" | "denoise" | "decode";

/** Where the loop stands after a step. */
export interface Progress {
  /** How many of the run's `steps` are done. */
  readonly step: number;
  readonly steps: number;
  /** The model's present guess at the clean latent, [1, channels, h, w]. It is good until the hook resolves. */
  readonly denoised: DeviceTensor;
  /** Where `denoised` lies. */
  readonly latentDevice: LatentDevice;
}

/** The hooks of a drawing. */
export interface Observer {
  /** Called when a stage begins. */
  stage(stage: Stage): void;
  /**
   * The hook of each step, which the loop waits for. The device may still be at work on this step, but never on an earlier one.
   */
  step(progress: Progress): Promise<void>;
  /** Takes the latents [1, channels, h, w] as the sampler left them. They are read back only if this hook is there. */
  finished?(latents: HostTensor): void;
  /** Asked before every stage and after every step. True stops the drawing with a "cancelled" failure. */
  isCancelled(): Promise<boolean>;
  /** Milliseconds on some clock. */
  now(): number;
}

/** Runs one part of a stage: announces the stage, stops before it if the observer says so, and adds up its time. */
export type RunStage = <T>(stage: Stage, work: () => Promise<T>) => Promise<T>;

/** The runner of one drawing's stages. `timingsMs` grows as they run. */
export function stageRunner(observer: Observer): {
  readonly run: RunStage;
  readonly timingsMs: Readonly<Record<Stage, number>>;
} {
  const timingsMs: Record<Stage, number> = { encode: 0, denoise: 0, decode: 0 };
  return {
    async run(stage, work) {
      await stopIfCancelled(observer);
      observer.stage(stage);
      const startMs = observer.now();
      const result = await work();
      timingsMs[stage] += observer.now() - startMs;
      return result;
    },
    timingsMs,
  };
}

/** @throws {Failure} "cancelled" if the observer wants the drawing to stop. */
export async function stopIfCancelled(observer: Observer): Promise<void> {
  if (await observer.isCancelled()) throw new Failure("cancelled", "Stopped.");
}
