/** The finished pictures of a visit: which were drawn together, which of them is best, and which are let go. */

import type { KeptPicture } from "../store";

/** Pictures that were asked for at once. */
export interface PictureSet {
  readonly id: number;
  /** Best first; at least one. */
  readonly pictures: readonly [KeptPicture, ...KeptPicture[]];
}

/** The most that a visit holds: sets, and pictures in all of them. The newest set stays whole whatever its size. */
const KEPT_SETS = 8;
const KEPT_PICTURES = 32;

/** Sets, newest first. */
export function setsOf(pictures: readonly KeptPicture[]): readonly PictureSet[] {
  const ids = [...new Set(pictures.map(({ setId }) => setId))].sort((a, b) => b - a);
  return ids.flatMap((id) => {
    const [best, ...others] = ranked(pictures.filter(({ setId }) => setId === id));
    return best === undefined ? [] : [{ id, pictures: [best, ...others] as const }];
  });
}

/** Best prompt match first, pictures without a prompt match last; those that are equal in the order of their seeds. */
export function ranked(pictures: readonly KeptPicture[]): readonly KeptPicture[] {
  const match = ({ promptMatch }: KeptPicture) => promptMatch ?? Number.NEGATIVE_INFINITY;
  const bySeed = (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b));
  // Two matches of minus infinity are equal, though their difference is no number.
  return [...pictures].sort((a, b) => Math.sign(match(b) - match(a)) || bySeed(a.recipe.seed, b.recipe.seed));
}

/** Which pictures stay, and which go to make room: whole sets, oldest first. */
export function withinLimits(pictures: readonly KeptPicture[]): {
  readonly kept: readonly KeptPicture[];
  readonly dropped: readonly KeptPicture[];
} {
  const staying = new Set<number>();
  let count = 0;
  for (const [index, set] of setsOf(pictures).entries()) {
    count += set.pictures.length;
    if (index > 0 && (index >= KEPT_SETS || count > KEPT_PICTURES)) break;
    staying.add(set.id);
  }
  const stays = ({ setId }: KeptPicture) => staying.has(setId);
  return { kept: pictures.filter(stays), dropped: pictures.filter((picture) => !stays(picture)) };
}
