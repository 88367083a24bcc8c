/**
 * Makes previews while a picture is drawn: through a tiny decoder as often as that is worth its time, else through the linear map.
 * They never delay the drawing. At most one is on its way, and a step that comes too early or too late has none.
 */

import type { Rgba, RgbMap } from "../core/pixels";
import type { DeviceTensor, LatentDevice } from "../pipeline/ports";
import type { PreviewDecoder } from "../runtime/networks/tinyDecoder";
import { isPreviewDue, PREVIEW_INTERVAL_MS, PreviewCosts } from "./previewPace";

/** A step that is done, and the model's guess at the clean latent after it. */
interface Step {
  readonly step: number;
  readonly steps: number;
  readonly denoised: DeviceTensor;
  readonly latentDevice: LatentDevice;
}

/** The previews of one picture. */
export interface PicturePreviews {
  /** The steps begin now. */
  begin(): void;
  /**
   * Takes on what there is to show of a step, if it is its turn. Resolves as soon as the guess may be overwritten, when its preview
   * may be still on the way. Rejects with what an earlier one failed with: such latents make no picture.
   *
   * @param show is given the preview when it is there; the steps may have gone on.
   */
  after(step: Step, show: (image: Rgba) => void): Promise<void>;
}

/** Makes the previews of one open model. */
export class Previews {
  readonly #map: RgbMap | null;
  readonly #now: () => number;
  readonly #costs = new PreviewCosts();
  #decoder: PreviewDecoder | null;

  /**
   * @param map the linear map, null if the model has none.
   * @param decoder a tiny decoder that fits the model, null if there is none; it is disposed with this.
   * @param now milliseconds on some clock.
   */
  constructor(map: RgbMap | null, decoder: PreviewDecoder | null, now: () => number) {
    this.#map = map;
    this.#decoder = decoder;
    this.#now = now;
  }

  ofPicture(): PicturePreviews {
    let stepsMs = 0;
    let spentMs = 0;
    let sinceMs = this.#now();
    let takenMs = Number.NEGATIVE_INFINITY;
    let isComing = false;
    let failure: unknown = null;
    return {
      begin: () => {
        sinceMs = this.#now();
      },
      after: async (made, show) => {
        if (failure !== null) throw failure;
        const startMs = this.#now();
        stepsMs += startMs - sinceMs;
        if (!isComing && startMs - takenMs >= PREVIEW_INTERVAL_MS) {
          takenMs = startMs;
          const taken = await this.#taken(made, { stepsMs, spentMs });
          spentMs += taken.spentMs;
          isComing = taken.image !== null;
          taken.image
            ?.then(show, (cause: unknown) => {
              failure = cause;
            })
            .finally(() => {
              isComing = false;
            });
        }
        sinceMs = this.#now();
      },
    };
  }

  /** Gives the decoder's memory back. A device that is gone takes nothing back; whoever asks it next is told. */
  async dispose(): Promise<void> {
    const decoder = this.#decoder;
    this.#decoder = null;
    await decoder?.dispose().catch(() => undefined);
  }

  /** A preview on its way, and what detail it cost the drawing. */
  async #taken(
    { step, steps, denoised, latentDevice }: Step,
    times: { readonly stepsMs: number; readonly spentMs: number },
  ): Promise<{ readonly image: Promise<Rgba> | null; readonly spentMs: number }> {
    const expectedMs = this.#costs.expectedMs(denoised.dims);
    // After the last step comes the picture itself.
    const isDue = step < steps && isPreviewDue({ ...times, expectedMs });
    const detailed = isDue ? await this.#decoded(denoised, latentDevice, expectedMs) : null;
    if (detailed !== null) return detailed;
    return { image: this.#map && latentDevice.rgba(denoised, this.#map), spentMs: 0 };
  }

  /**
   * While nobody knows what one costs, the drawing waits for it, to learn that. A decoder that fails once is asked no more: a picture
   * that is drawn without it is worth more than its previews.
   */
  async #decoded(denoised: DeviceTensor, latentDevice: LatentDevice, expectedMs: number | null) {
    if (this.#decoder === null) return null;
    try {
      if (expectedMs === null) await latentDevice.done();
      const startMs = this.#now();
      const planes = await this.#decoder.decode(denoised);
      const image = latentDevice.rgba(planes, null);
      if (expectedMs !== null) return { image, spentMs: expectedMs };
      const known = Promise.resolve(await image);
      const spentMs = this.#now() - startMs;
      this.#costs.note(denoised.dims, spentMs);
      return { image: known, spentMs };
    } catch {
      await this.dispose();
      return null;
    }
  }
}
