/** The Node part of `npm run bench`. It has a process of its own, so that its memory can be measured, and prints one line of JSON. */

import { parseArgs } from "node:util";
import { BENCH_PLANS } from "../protocol/bench";
import { run } from "./command";
import { measure } from "./measure";
import { orRefuse, readLocation, wholeNumber } from "./options";

const USAGE = `npx tsx src/cli/bench.ts [options]

  --quick         a fraction of the time
  --pictures N    how many pictures the medians are of
  --model DIR     a Stable Diffusion model in diffusers' layout (default: the model in the box)
  --graphs DIR    graph families (default: those of this repository)
  --threads N     how much of the processor to use (default: all)`;

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;
const OPTIONS = { quick: FLAG, help: FLAG, pictures: TEXT, model: TEXT, graphs: TEXT, threads: TEXT };

await run(USAGE, async (argv, tell) => {
  const { values } = orRefuse(() => parseArgs({ args: [...argv], options: OPTIONS }));
  if (values.help) return null;
  const plan = values.quick ? BENCH_PLANS.quick : BENCH_PLANS.whole;
  const pictures =
    values.pictures === undefined ? plan.pictures : wholeNumber("pictures", values.pictures, 1000);
  return JSON.stringify(await measure(readLocation(values), { ...plan, pictures }, tell));
});
