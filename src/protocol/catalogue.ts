/** Models that are worth fetching, and all that is known of each beforehand. */

import type { SamplerId } from "../core/recipe";

/** How the autoencoder gives pictures: AutoencoderKL in 16-bit floats where the GPU has them, AutoencoderKL in 32-bit ones always (SDXL's overflows), or AutoencoderTiny. */
export type DecoderKind = "kl" | "kl-f32" | "tiny";

/** The facts that decide whether a device can run a model. */
export interface ModelNeeds {
  /** All weights in 16-bit floats, in bytes. */
  readonly weightsBytes: number;
  /** Of the largest network of them: it stands in memory at once while the model opens. */
  readonly largestNetworkBytes: number;
  readonly decoder: DecoderKind;
}

/** One model of the catalogue. */
export interface CatalogueEntry {
  /** Lower case, digits and hyphens. */
  readonly id: string;
  readonly name: string;
  /** One sentence that says what the model is good for. */
  readonly summary: string;
  /** Where it is on a hub; the hub itself, or a mirror of it, is a setting. */
  readonly repository: string;
  /** A commit, so that what is fetched is what was described. */
  readonly revision: string;
  /** Folder of `models/graphs` that its U-Net runs on, or for a tiny decoder the decoder itself. */
  readonly family: string;
  /** A sentence if something that it needs is not in this version, else null. */
  readonly missing: string | null;
  /** Of all files that are fetched, in bytes. */
  readonly sizeBytes: number;
  /** Whether that is the sum of published sizes; else it follows from the number of parameters. */
  readonly isSizeExact: boolean;
  readonly licence: {
    readonly name: string;
    /** Where it can be read. */
    readonly url: string;
    /** One sentence about what the licence forbids or asks; null if it hardly concerns a person who makes pictures. */
    readonly limits: string | null;
    readonly isNonCommercial: boolean;
  };
  readonly needs: ModelNeeds;
  /** The settings that its makers, or their scheduler config, recommend; null for a tiny decoder, which draws previews only. */
  readonly defaults: {
    readonly sampler: SamplerId;
    readonly steps: number;
    readonly guidanceScale: number;
    readonly widthPx: number;
    readonly heightPx: number;
  } | null;
  /** Hex SHA-256 by path, of files whose hash was published. The hub's own hashes are compared with them. */
  readonly sha256: Readonly<Record<string, string>>;
}
