/** The last stage: from latents to pixels. */

import type { Rgba } from "../core/pixels";
import type { DeviceTensor, Networks } from "./ports";

/**
 * Decodes latents [1, channels, h, w], as the sampler left them, into h·f x w·f opaque pixels.
 *
 * @throws {Failure} "internal" if a level is not finite, or any failure of the decoder.
 */
export async function decode(latents: DeviceTensor, networks: Networks): Promise<Rgba> {
  return networks.latentDevice.rgba(await networks.decode(latents), null);
}
