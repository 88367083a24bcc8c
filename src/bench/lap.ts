/**
 * A picture against the sum of its bare network calls: the same networks on the same inputs, straight to ONNX Runtime, in the same
 * moment. The rest of a picture's time is what we add.
 */

import { Failure } from "../core/failure";
import { sum } from "../core/numbers";
import type { Recipe } from "../core/recipe";
import { enqueue } from "../runtime/ort/queue";
import { type Drawn, drawn } from "./drawn";
import { type KeptTensors, keepTensors } from "./instruments/keptTensors";
import { type Call, type Listener, listening, repeat } from "./instruments/recordingEngine";
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

/** Whether each call of a network is waited for before the next: on the CPU. A GPU is sent them one behind the other. */
export function isWaitedFor({ backend }: Subject): boolean {
  return backend.kind === "wasm";
}

/**
 * Laps of one kind of recipe: its sizes, steps and guidance.
 *
 * @param recipe is drawn first where calls must be recorded.
 */
export async function lapsOf(subject: Subject, clock: Clock, recipe: Recipe): Promise<Laps> {
  const { latentDevice } = subject.networks;
  if (isWaitedFor(subject)) return lapsByCall(subject, clock);
  return lapsByPicture(subject, clock, recipe, () => latentDevice.done());
}

/**
 * Where each call is waited for anyway: each is made once more, bare, before and after by turns, so that neither always finds warm
 * caches, and what else the machine does weighs on both.
 */
function lapsByCall(subject: Subject, clock: Clock): Laps {
  let turns = 0;
  return {
    async lap(recipe) {
      let bareMs = 0;
      const callsMs: Record<string, number[]> = {};
      // The picture's clock stands still during bare calls.
      const now = () => clock.now() - bareMs;
      const listener: Listener = async (call, run) => {
        const again = async () => {
          const startMs = clock.now();
          await repeat(call);
          bareMs += clock.now() - startMs;
        };
        const isBareFirst = turns++ % 2 === 0;
        if (isBareFirst) await again();
        const startMs = clock.now();
        const outputs = await run();
        const times = callsMs[call.network] ?? [];
        callsMs[call.network] = [...times, clock.now() - startMs];
        if (!isBareFirst) await again();
        return outputs;
      };
      const picture = await listening(subject.recorder, listener, () =>
        drawn(recipe, subject, { ...clock, now }),
      );
      return { ...picture, bareMs, callsMs };
    },
    dispose: () => undefined,
  };
}

/** One call of a recorded picture, to be made again. */
interface Recorded {
  /** The call, or the same one of a later picture: it may run on another session by then, for graph capture. */
  call: Call;
  readonly kept: KeptTensors;
}

/**
 * Where nothing is waited for between the calls of a picture: one picture's calls are recorded with copies of their inputs, which stay
 * on the device; beside each measured picture the same sequence is made bare and waited for once, before and after by turns.
 *
 * @param done waits for all that the device was sent.
 */
export async function lapsByPicture(
  subject: Subject,
  clock: Clock,
  first: Recipe,
  done: () => Promise<void>,
): Promise<Laps> {
  const calls = await recorded(subject, clock, first);
  const bare = async (some: readonly Recorded[]) => {
    const startMs = clock.now();
    for (const { call, kept } of some) await enqueue(() => repeat(call, kept.tensors));
    await done();
    return clock.now() - startMs;
  };
  let turns = 0;
  return {
    async lap(recipe) {
      const isBareFirst = turns++ % 2 === 0;
      const before = isBareFirst ? await bare(calls) : 0;
      const picture = await followed(subject, calls, () => drawn(recipe, subject, clock));
      const bareMs = isBareFirst ? before : await bare(calls);
      const callsMs: Record<string, number[]> = {};
      for (const network of new Set(calls.map(({ call }) => call.network))) {
        const some = calls.filter(({ call }) => call.network === network);
        callsMs[network] = [(await bare(some)) / some.length];
      }
      return { ...picture, bareMs, callsMs };
    },
    dispose() {
      for (const { kept } of calls) kept.dispose();
    },
  };
}

async function recorded(subject: Subject, clock: Clock, recipe: Recipe): Promise<Recorded[]> {
  const { recorder, backend } = subject;
  const calls: Recorded[] = [];
  const listener: Listener = (call, run) => {
    calls.push({ call, kept: keepTensors(recorder.engine.ort, backend, call.feeds) });
    return run();
  };
  await listening(recorder, listener, () => drawn(recipe, subject, clock));
  return calls;
}

/** Follows a picture's calls, one by one. A ratio is worth nothing if its picture and its bare calls are not of the same networks. */
async function followed<T>(
  { recorder }: Subject,
  calls: readonly Recorded[],
  work: () => Promise<T>,
): Promise<T> {
  let made = 0;
  const follower: Listener = (call, run) => {
    const known = calls[made++];
    if (known) known.call = call;
    return run();
  };
  const result = await listening(recorder, follower, work);
  if (made === calls.length) return result;
  throw new Failure(
    "internal",
    `Wanted ${calls.length} calls of networks in a picture, as in the one before, got ${made}.`,
  );
}

/** The part of a picture's time that is spent outside its calls, as the pipeline made them. */
export function hostMs({ pictureMs, bareMs, callsMs }: Lap, isByCall: boolean): number {
  return pictureMs - (isByCall ? sum(Object.values(callsMs).flat()) : bareMs);
}
