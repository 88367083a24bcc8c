/** The budgets of a benchmark, in words: what must hold, what came, and whether it holds. */

import type { BenchReport } from "./bench";

/** One budget. */
export interface Budget {
  readonly name: string;
  /** The budget and the result, in words for people. */
  readonly wanted: string;
  readonly got: string;
  readonly isMet: boolean;
}

/** All of a picture over its bare network calls. */
const TOTAL_OVER_BARE = 1.05;
/** Memory that a process or a device holds goes up and down by so much without anything leaking. */
const MEMORY_NOISE = 1.05;
const KINDS = { process: "Process", wasm: "WebAssembly", gpu: "GPU" } as const;

/** The budgets that apply to a report. */
export function budgetsOf({
  totalOverBareCalls,
  readBackBytesPerStep,
  memory: { fewPictures, manyPictures, courses },
  naive,
}: BenchReport): readonly Budget[] {
  return [
    {
      name: "A picture over its bare network calls",
      wanted: `at most ${TOTAL_OVER_BARE}`,
      got: totalOverBareCalls.toFixed(3),
      isMet: totalOverBareCalls <= TOTAL_OVER_BARE,
    },
    ...(readBackBytesPerStep === null
      ? []
      : [
          {
            name: "Bytes read back per step",
            wanted: "0",
            got: String(readBackBytesPerStep),
            isMet: readBackBytesPerStep === 0,
          },
        ]),
    ...courses.map(({ kind, fewBytes, manyBytes }) => ({
      name: `${KINDS[kind]} memory after ${manyPictures} pictures over that after ${fewPictures}`,
      wanted: `at most ${MEMORY_NOISE}`,
      got: (manyBytes / fewBytes).toFixed(3),
      isMet: manyBytes <= MEMORY_NOISE * fewBytes,
    })),
    ...(naive === null
      ? []
      : [
          {
            name: "Levels of 255 between a picture and the naive loop's",
            wanted: "at most 2",
            got: String(naive.levelsApart),
            isMet: naive.levelsApart <= 2,
          },
        ]),
  ];
}
