/** What the commands have in common: their output, and their exit status. */

import { asFailure } from "../core/failure";

/** Given the arguments, and where to tell people of progress: the output, or null to show how the command is used. */
export type Command = (argv: readonly string[], tell: (sentence: string) => void) => Promise<string | null>;

/** Runs a command: status 0, or one sentence on stderr and 2 for a request that cannot be met, 1 for anything else. */
export async function run(usage: string, command: Command): Promise<void> {
  try {
    console.log((await command(process.argv.slice(2), (sentence) => console.error(sentence))) ?? usage);
  } catch (error) {
    const failure = asFailure(error);
    const isBug = failure !== error;
    console.error(isBug && error instanceof Error ? error.stack : failure.message);
    process.exitCode = failure.code === "bad-request" ? 2 : 1;
  }
}
