/** Samplers and spacings of noise levels, by the names that other programs give them. */

import { isSamplerId, SAMPLER_NAMES, type SamplerId, type SigmaSpacing } from "../../core/recipe";

/** Names that are not ours: AUTOMATIC1111's, k-diffusion's, ComfyUI's and InvokeAI's, as {@link bare} leaves them. */
const OTHER_SAMPLERS: readonly (readonly [string, SamplerId])[] = [
  ["eulerancestral", "euler_a"],
  ["plms", "pndm"],
  ["unipcbh2", "unipc"],
];

const SAMPLERS: ReadonlyMap<string, SamplerId> = new Map([
  ...Object.entries(SAMPLER_NAMES).flatMap(([id, name]): [string, SamplerId][] =>
    isSamplerId(id)
      ? [
          [bare(id), id],
          [bare(name), id],
        ]
      : [],
  ),
  ...OTHER_SAMPLERS,
]);

/** AUTOMATIC1111's and ComfyUI's names; "k" is InvokeAI's suffix. */
const SPACINGS: ReadonlyMap<string, SigmaSpacing> = new Map([
  ["karras", "karras"],
  ["k", "karras"],
  ["exponential", "exponential"],
  ["uniform", "trained"],
  ["normal", "trained"],
]);

/** The names that are written, as in AUTOMATIC1111. */
export const SPACING_NAMES: Readonly<Record<SigmaSpacing, string>> = {
  trained: "Uniform",
  karras: "Karras",
  exponential: "Exponential",
};

/** Without case, spaces and punctuation, as "dpmpp2m" for "DPM++ 2M" and "k_dpmpp_2m". */
function bare(name: string): string {
  return name
    .toLowerCase()
    .replace(/^k_/, "")
    .replaceAll("+", "p")
    .replace(/[\s_-]/g, "");
}

/** A sampler, and the name of the spacing that older programs wrote behind it, as in "DPM++ 2M Karras"; null if it is not one of ours. */
export function readSampler(
  name: string,
): { readonly sampler: SamplerId; readonly spacing: string | null } | null {
  const whole = SAMPLERS.get(bare(name));
  if (whole) return { sampler: whole, spacing: null };
  const cut = Math.max(name.lastIndexOf(" "), name.lastIndexOf("_"));
  const sampler = cut < 0 ? undefined : SAMPLERS.get(bare(name.slice(0, cut)));
  const spacing = name.slice(cut + 1);
  return sampler && SPACINGS.has(bare(spacing)) ? { sampler, spacing } : null;
}

/** A spacing by its name; null if it is not one of ours. "Automatic" is Karras for DPM++ 2M, and the trained one for all others. */
export function readSpacing(name: string, sampler: SamplerId): SigmaSpacing | null {
  if (bare(name) === "automatic") return sampler === "dpmpp_2m" ? "karras" : "trained";
  return SPACINGS.get(bare(name)) ?? null;
}
