/** `npm run generate`: one line of JSON on stdout, everything else on stderr. */

import { run } from "./command";
import { draw } from "./draw";
import { readGenerateOptions, USAGE } from "./options";

await run(USAGE, async (argv, tell) => {
  const options = readGenerateOptions(argv);
  return options === null ? null : JSON.stringify(await draw(options, tell));
});
