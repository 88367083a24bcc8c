/** Looks into a file for what it is instead of what its name says. */

import { type Impostor, impostorOf } from "../layout/impostors";

/** Enough to know one by; a pointer of Git LFS has 134 bytes or so. */
const HEAD_BYTES = 512;

/** What a file is that begins as no model's file does; null if it may be what its name says. */
export async function impostorIn(file: Blob): Promise<Impostor | null> {
  return impostorOf(await file.slice(0, HEAD_BYTES).text());
}
