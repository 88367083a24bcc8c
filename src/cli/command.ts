/** Runs a command: its output goes to stdout, its progress to stderr, its outcome into the exit status. */

import { asFailure } from "../core/failure";

/** Takes the arguments and a function for progress. Resolves to the output, or to null to show the usage. */
export type Command = (argv: readonly string[], tell: (sentence: string) => void) => Promise<string | null>;

/** Exits with status 0; with 2 and one sentence on stderr for a bad request; with 1 for any other failure. */
export async function run(usage: string, command: Command): Promise<void> {
  try {
    console.log((await command(process.argv.slice(2), (sentence) => console.error(sentence))) ?? usage);
  } catch (error) {
    const failure = asFailure(error);
    const isBug = failure !== error;
    console.error(isBug && error instanceof Error ? error.stack : failure.message);
    process.exitCode = ["bad-request", "nothing-known"].includes(failure.code) ? 2 : 1;
  }
}
