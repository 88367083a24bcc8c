/** Runs many commands in one process: each line of stdin is a JSON list of arguments and gets one line of JSON on stdout. */

import { createInterface } from "node:readline";
import * as v from "valibot";
import { asFailure, Failure } from "../core/failure";
import type { Command } from "./command";

const ARGUMENTS = v.array(v.string());

/**
 * Answers lines in their order until stdin ends. A command that fails is answered with
 * `{"failure": code, "message": sentence}`, and the next line is read.
 */
export async function answerLines(usage: string, command: Command): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = await answerLine(line, command).catch((error: unknown) => {
      const { code, message } = asFailure(error);
      return JSON.stringify({ failure: code, message });
    });
    console.log(answer ?? JSON.stringify({ usage }));
  }
}

async function answerLine(line: string, command: Command): Promise<string | null> {
  const argv = v.safeParse(v.pipe(v.string(), v.parseJson(), ARGUMENTS), line);
  if (argv.success) return command(argv.output, (sentence) => console.error(sentence));
  throw new Failure("bad-request", `Wanted a JSON list of texts on each line, got ${line.slice(0, 40)}`);
}
