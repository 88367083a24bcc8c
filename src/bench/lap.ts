/**
 * A picture against the sum of its bare network calls: the same networks on the same inputs, straight to ONNX Runtime, in the same
 * moment. What a picture takes beyond that is what we add.
 */

import { Failure } from "../core/failure";
import type { Recipe } from "../core/recipe";
import { hostLatentDevice } from "../pipeline/hostLatentDevice";
import { keptFeeds } from "../runtime/ort/benchTensors";
import { type Drawn, drawn } from "./drawn";
import { type Listener, listening } from "./listening";
import { sum } from "./statistics";
import type { Subject, Surroundings } from "./subject";

/** A picture and its bare calls. */
export interface Lap extends Drawn {
  /** All bare calls of the picture, in its order. */
  readonly bareMs: number;
  /** Each call by its network: as the pipeline made it, or bare where the pipeline waits for none. */
  readonly callsMs: Readonly<Record<string, readonly number[]>>;
}

type Clock = Pick<Surroundings, "now" | "isCancelled">;

/** Draws pictures and measures them. */
export interface Laps {
  lap(recipe: Recipe): Promise<Lap>;
  /** Gives back what was kept for bare calls. */
  dispose(): void;
}

/**
 * Laps of one kind of recipe: its sizes, steps and guidance.
 *
 * @param recipe is drawn first where calls must be recorded.
 */
export async function lapsOf(subject: Subject, clock: Clock, recipe: Recipe): Promise<Laps> {
  const { latentDevice } = subject.networks;
  return latentDevice === hostLatentDevice
    ? lapsByCall(subject, clock)
    : lapsByPicture(subject, clock, recipe, () => latentDevice.done());
}

/**
 * Where each call is waited for anyway: each is made once more, bare, before and after by turns, so that neither always finds warm
 * caches, and what else the machine does weighs on both.
 */
function lapsByCall(subject: Subject, clock: Clock): Laps {
  let turns = 0;
  return {
    async lap(recipe) {
      let pausedMs = 0;
      let bareMs = 0;
      const callsMs: Record<string, number[]> = {};
      const now = () => clock.now() - pausedMs;
      const listener: Listener = async ({ network, session, feeds }, run) => {
        const pause = async (again: () => Promise<void>) => {
          const startMs = clock.now();
          await again();
          bareMs += clock.now() - startMs;
          pausedMs += clock.now() - startMs;
        };
        const preparedMs = clock.now();
        const again = session.bare(feeds);
        pausedMs += clock.now() - preparedMs;
        const isBareFirst = turns++ % 2 === 0;
        if (isBareFirst) await pause(again);
        const startMs = clock.now();
        const result = await run();
        const times = callsMs[network] ?? [];
        callsMs[network] = [...times, clock.now() - startMs];
        if (!isBareFirst) await pause(again);
        return result;
      };
      const picture = await listening(subject.networks, listener, () =>
        drawn(recipe, subject, { ...clock, now }),
      );
      return { ...picture, bareMs, callsMs };
    },
    dispose: () => undefined,
  };
}

/** One call of a recorded picture, to be made again. */
interface Recorded {
  readonly network: string;
  readonly again: () => Promise<void>;
  readonly dispose: () => void;
}

/**
 * Where nothing is waited for between the calls of a picture: one picture's calls are recorded with copies of their inputs, which stay
 * on the device; beside each measured picture the same sequence is made bare and waited for once, before and after by turns.
 */
async function lapsByPicture(
  subject: Subject,
  clock: Clock,
  first: Recipe,
  done: () => Promise<void>,
): Promise<Laps> {
  const calls = await recorded(subject, clock, first);
  const bare = async (some: readonly Recorded[]) => {
    const startMs = clock.now();
    for (const { again } of some) await again();
    await done();
    return clock.now() - startMs;
  };
  let turns = 0;
  return {
    async lap(recipe) {
      const isBareFirst = turns++ % 2 === 0;
      const before = isBareFirst ? await bare(calls) : 0;
      const picture = await counted(subject, calls.length, () => drawn(recipe, subject, clock));
      const bareMs = isBareFirst ? before : await bare(calls);
      const callsMs: Record<string, number[]> = {};
      for (const network of new Set(calls.map((call) => call.network))) {
        const some = calls.filter((call) => call.network === network);
        callsMs[network] = [(await bare(some)) / some.length];
      }
      return { ...picture, bareMs, callsMs };
    },
    dispose() {
      for (const { dispose } of calls) dispose();
    },
  };
}

async function recorded(subject: Subject, clock: Clock, recipe: Recipe): Promise<readonly Recorded[]> {
  const { engine, backend, networks } = subject;
  const calls: Recorded[] = [];
  const listener: Listener = ({ network, session, feeds }, run) => {
    const kept = keptFeeds(engine, backend, session.ports.inputs, feeds);
    calls.push({ network, again: session.bare(kept.feeds), dispose: kept.dispose });
    return run();
  };
  await listening(networks, listener, () => drawn(recipe, subject, clock));
  return calls;
}

/** A ratio is worth nothing if the picture and its bare calls are not of the same networks. */
async function counted<T>({ networks }: Subject, wanted: number, work: () => Promise<T>): Promise<T> {
  let made = 0;
  const counter: Listener = (_, run) => {
    made++;
    return run();
  };
  const result = await listening(networks, counter, work);
  if (made === wanted) return result;
  throw new Failure(
    "internal",
    `Wanted ${wanted} calls of networks in a picture, as in the one before, got ${made}.`,
  );
}

/** What of a picture is none of its calls, as the pipeline made them. */
export function hostMs({ pictureMs, bareMs, callsMs }: Lap, isByCall: boolean): number {
  return pictureMs - (isByCall ? sum(Object.values(callsMs).flat()) : bareMs);
}
