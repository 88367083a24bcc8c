/** `npm run bench`: how fast a model draws here, as a table or as one line of JSON. */

import { parseArgs } from "node:util";
import { run } from "./command";
import { type BenchReport, measure } from "./measure";
import { orRefuse, readPlace, wholeNumber } from "./options";

const USAGE = `npm run bench -- [--json] [options]

  --json          one line of JSON instead of a table
  --pictures N    how many pictures to draw (default 5; fewer if they take long)
  --model DIR     a Stable Diffusion model in diffusers' layout (default: the model in the box)
  --graphs DIR    graph families (default: those of this repository)
  --threads N     how much of the processor to use (default: all)`;

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;
const OPTIONS = { json: FLAG, help: FLAG, pictures: TEXT, model: TEXT, graphs: TEXT, threads: TEXT };

await run(USAGE, async (argv) => {
  const { values } = orRefuse(() => parseArgs({ args: [...argv], options: OPTIONS }));
  if (values.help) return null;
  const report = await measure(readPlace(values), wholeNumber("pictures", values.pictures ?? "5", 1000));
  return values.json ? JSON.stringify(report) : table(report);
});

function table({ model, recipe, wasm, peakMemoryMiB, machine, versions }: BenchReport): string {
  const rows: readonly (readonly [string, string | number])[] = [
    [
      "model",
      `${model}, ${recipe.size}, ${recipe.steps} steps of ${recipe.sampler}, guidance ${recipe.guidance}`,
    ],
    ["machine", `${machine.cpu}, ${machine.cores} cores, ${machine.threads} threads used`],
    [
      "versions",
      Object.entries(versions)
        .map((pair) => pair.join(" "))
        .join(", "),
    ],
    ["load", `${wasm.loadMs} ms`],
    ...Object.entries(wasm.medianMs).map(([stage, ms]) => [stage, `${ms} ms`] as const),
    ["total over bare calls", wasm.totalOverBareCalls],
    ["peak memory", `${peakMemoryMiB} MiB`],
    ["pictures", wasm.pictures],
  ];
  return rows.map(([name, value]) => `${name.padEnd(24)}${value}`).join("\n");
}
