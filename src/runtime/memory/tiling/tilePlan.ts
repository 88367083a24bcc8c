/** How latents are cut where the largest tensor of a whole decode is more than a device takes. */

import type { Config } from "../../../checkpoint/checkpoint";
import { Failure } from "../../../core/failure";
import { type DecoderFacts, decoderFacts } from "./decoderFacts";

/** Where a tile lies along one axis, and where it takes over from the one before it. All in latents. */
export interface Span {
  readonly start: number;
  /** Before this the tile counts for nothing, from the end of it on for all; between, more and more. The first has [0, 0]. */
  readonly fade: readonly [from: number, to: number];
}

/** Overlapping tiles of one size that cover latents [1, c, h, w]. */
export interface TilePlan {
  /** Extents of every tile, in latents. */
  readonly height: number;
  readonly width: number;
  readonly rows: readonly Span[];
  readonly columns: readonly Span[];
}

/** Smaller tiles know too little of the picture, and would spend most on what they share. */
const SIDE_MIN = 16;
/** The least overlap of tiles, as a part of a side, where the reach of the decoder is not known; as diffusers' `tile_overlap_factor`. */
const SHARE = 0.25;
/** The greatest overlap: with half of each side, everything is decoded four times. */
const SHARE_MAX = 0.5;

/** Bytes of the largest tensor of a whole decode; null if the configuration does not tell. @param dims of latents [1, c, h, w]. */
export function largestBytes(config: Config, dims: readonly number[], dtypeBytes: number): number | null {
  const [, , height = 0, width = 0] = dims;
  const numbers = decoderFacts(config)?.largest(height, width);
  return numbers === undefined ? null : numbers * dtypeBytes;
}

/**
 * The fewest tiles that fit, of those the least oblong, evenly spread.
 *
 * @param config `vae/config.json`.
 * @param dims of latents [1, c, h, w].
 * @param dtypeBytes of one number in the decoder's graph.
 * @param limitBytes what one tensor may take.
 * @returns null if the whole fits, or if the configuration does not tell.
 * @throws {Failure} "out-of-memory" if not even the smallest tile fits.
 */
export function tilePlan(
  config: Config,
  dims: readonly number[],
  dtypeBytes: number,
  limitBytes: number,
): TilePlan | null {
  const facts = decoderFacts(config);
  const [, , height = 0, width = 0] = dims;
  const bytes = (size: Size) => (facts?.largest(size.height, size.width) ?? 0) * dtypeBytes;
  if (!facts || bytes({ height, width }) <= limitBytes) return null;
  const sizes = [...sides(height, facts)].flatMap(([rows, tall]) =>
    [...sides(width, facts)].map(([columns, wide]) => ({ height: tall, width: wide, tiles: rows * columns })),
  );
  const fitting = sizes.filter((size) => bytes(size) <= limitBytes);
  const [best] = fitting.sort((a, b) => a.tiles - b.tiles || longest(a) - longest(b));
  if (!best) {
    const [least, limit] = [Math.min(...sizes.map(bytes)), limitBytes].map((n) => (n / 2 ** 20).toFixed(1));
    throw new Failure(
      "out-of-memory",
      `vae_decoder: even a small part of the picture takes ${least} MiB in one piece, and there is room for ${limit} MiB here. Draw on another device.`,
    );
  }
  return {
    height: best.height,
    width: best.width,
    rows: spread(height, best.height, facts),
    columns: spread(width, best.width, facts),
  };
}

interface Size {
  readonly height: number;
  readonly width: number;
}

function longest({ height, width }: Size): number {
  return Math.max(height, width);
}

/** For each number of tiles along an axis that makes sense, how long they have to be. */
function sides(extent: number, facts: DecoderFacts): ReadonlyMap<number, number> {
  const shortest = new Map<number, number>();
  for (let side = extent; side >= Math.min(extent, SIDE_MIN); side--)
    shortest.set(tilesAlong(extent, side, facts), side);
  return shortest;
}

function tilesAlong(extent: number, side: number, facts: DecoderFacts): number {
  const overlap = overlapOf(side, facts);
  return side === extent ? 1 : Math.ceil((extent - overlap) / (side - overlap));
}

/** The least overlap of neighbours: twice the reach, so that both are right where one takes over; else a part of a side. */
function overlapOf(side: number, { reach }: DecoderFacts): number {
  return reach === null ? Math.ceil(side * SHARE) : Math.min(2 * reach, Math.floor(side * SHARE_MAX));
}

function spread(extent: number, side: number, facts: DecoderFacts): readonly Span[] {
  const count = tilesAlong(extent, side, facts);
  const starts = Array.from({ length: count }, (_, i) =>
    i === 0 ? 0 : Math.round((i * (extent - side)) / (count - 1)),
  );
  return starts.map((start, i) => {
    const before = starts[i - 1];
    if (before === undefined) return { start, fade: [0, 0] };
    const end = before + side;
    const margin = marginOf(end - start, facts);
    return { start, fade: [start + margin, end - margin] };
  });
}

/**
 * The margin of a tile that is not used, since there convolutions see zeros instead of its neighbour. Measured with TinyWorld's
 * decoder, whose reach is 24: fading over all of 8 shared latents errs by up to 13/255, over the middle half by 1.8, a cut in the middle by
 * 0.3. With normalisation a tile is also a little brighter or darker than the whole, some 3/255, so it has to fade.
 */
function marginOf(overlap: number, { reach }: DecoderFacts): number {
  return reach === null ? Math.floor(overlap / 4) : Math.min(reach, Math.floor(overlap / 2));
}
