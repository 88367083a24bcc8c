/** Rules of the pace: a device is kept busy, and a stop takes one step. */

import { expect, it } from "vitest";
import { Failure } from "../core/failure";
import { Pace } from "./pace";

/** Runs a device whose steps take `stepMs`; how many steps it had yet to do each time that the host went on. */
async function behindOf(stepMs: number, steps: number): Promise<readonly number[]> {
  let nowMs = 0;
  let taken = 0;
  const device = {
    /** The clock moves on to when all that was taken on until now is done. */
    done: () => {
      const readyMs = taken * stepMs;
      return {
        // biome-ignore lint/suspicious/noThenProperty: time passes when somebody waits, not before
        then(resolve: () => void) {
          nowMs = Math.max(nowMs, readyMs);
          resolve();
        },
        catch: () => undefined,
      } as unknown as Promise<void>;
    },
  };
  const pace = new Pace(device, () => nowMs);
  const behind: number[] = [];
  for (let step = 0; step < steps; step++) {
    taken++;
    await pace.keep();
    behind.push(taken - Math.floor(nowMs / stepMs));
    pace.mark();
  }
  return behind;
}

it("[P18] long steps are waited for, each", async () => {
  expect(await behindOf(200, 5)).toEqual([0, 0, 0, 0, 0]);
});

it("[P19] of short steps one is with the device while the next is made ready, and no more", async () => {
  expect(await behindOf(10, 6)).toEqual([0, 1, 1, 1, 1, 1]);
});

it("[P20] a device that is lost is told of at the next step", async () => {
  let isLost = false;
  const done = async () => {
    if (isLost) throw new Failure("device-lost", "gone");
  };
  const pace = new Pace({ done }, () => 0);
  await pace.keep();
  isLost = true;
  pace.mark();
  await Promise.resolve();
  await expect(pace.keep()).rejects.toMatchObject({ code: "device-lost" });
});
