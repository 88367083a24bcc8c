/** `npm run generate`: one line of JSON on stdout, everything else on stderr. With `--lines` alone, one for each line of stdin. */

import { type Command, run } from "./command";
import { draw } from "./draw";
import { answerLines } from "./lines";
import { readGenerateOptions, USAGE } from "./options";

const generate: Command = async (argv, tell) => {
  const options = readGenerateOptions(argv);
  return options === null ? null : JSON.stringify(await draw(options, tell));
};

if (process.argv.slice(2).join(" ") === "--lines") await answerLines(USAGE, generate);
else await run(USAGE, generate);
