/** Previews of a picture in the making: through a tiny decoder as often as it is worth its time, else through the linear map. */

import type { Rgba } from "../core/pixels";
import type { HostTensor } from "../core/tensor";
import { previewRgba, type RgbMap } from "../image/latentPreview";
import { toRgba } from "../image/pixels";
import { isPreviewDue, PreviewCosts } from "../pipeline/previewPace";
import type { PreviewDecoder } from "../runtime/previewDecoder";

/** A step that is done, and the model's guess at the clean latent after it. */
interface Step {
  readonly step: number;
  readonly steps: number;
  readonly denoised: HostTensor;
}

/** The previews of one picture. */
export interface PicturePreviews {
  /** The steps begin now. */
  begin(): void;
  /** What to show after a step; null if nothing can be. It resolves before the next step begins, so no two decodes overlap. */
  after(step: Step): Promise<Rgba | null>;
}

/** What shows the latents of one open model. */
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
    return {
      begin: () => {
        sinceMs = this.#now();
      },
      after: async ({ step, steps, denoised }) => {
        const startMs = this.#now();
        stepsMs += startMs - sinceMs;
        const expectedMs = this.#costs.expectedMs(denoised.dims);
        // After the last step comes the picture itself.
        const isDue = step < steps && isPreviewDue({ stepsMs, spentMs, expectedMs });
        const detailed = isDue ? await this.#decoded(denoised) : null;
        sinceMs = this.#now();
        if (detailed !== null) spentMs += sinceMs - startMs;
        return detailed ?? (this.#map && previewRgba(denoised, this.#map));
      },
    };
  }

  /** Gives the decoder's memory back. A device that is gone takes nothing back; whoever asks it next is told. */
  async dispose(): Promise<void> {
    const decoder = this.#decoder;
    this.#decoder = null;
    await decoder?.dispose().catch(() => undefined);
  }

  /** A decoder that fails once is asked no more: a picture that is drawn without it is worth more than its previews. */
  async #decoded(latents: HostTensor): Promise<Rgba | null> {
    if (this.#decoder === null) return null;
    const startMs = this.#now();
    try {
      const picture = toRgba(await this.#decoder.decode(latents));
      this.#costs.note(latents.dims, this.#now() - startMs);
      return picture;
    } catch {
      await this.dispose();
      return null;
    }
  }
}
