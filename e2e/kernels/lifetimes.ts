/** Tensors that are used too late, buffers that are given back, and devices that are lost. */

import { hostDesk } from "../../src/pipeline/hostDesk";
import type { Answer } from "./page";
import { type Bench, failureOf, numbersOf, openBench, uploaded } from "./workbench";

/** A flag of the WebGPU specification, which TypeScript's library leaves out. */
declare const GPUBufferUsage: Readonly<Record<"COPY_DST", number>>;

const DIMS = [1, 4, 6, 10];
/** The first three channels as they are. */
const MAP = {
  matrix: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [0, 0, 0],
  ],
  bias: [0, 0, 0],
} as const;

/** What is said to a caller who does not keep to the rules. */
export async function misuse(): Promise<Answer> {
  const bench = await openBench();
  const { desk } = bench;
  const room = desk.open(DIMS, 1n);
  const other = desk.open(DIMS, 1n);
  const released = room.noise();
  room.release(released);
  const alien = hostDesk.open(DIMS, 1n).noise();
  const larger = desk.open([1, 4, 6, 11], 1n).noise();
  const good = room.noise();
  const view = uploaded(bench, numbersOf(DIMS, 0), "float32");
  room.release(view);
  const closed = desk.open(DIMS, 1n);
  const left = closed.noise();
  closed.close();
  closed.close();
  const words = {
    "released twice": await failureOf(() => room.release(released)),
    "used after its release": await failureOf(() =>
      room.combine([
        [1, good],
        [2, released],
      ]),
    ),
    "read after its release": await failureOf(() => desk.read(released)),
    "shown after its release": await failureOf(() => desk.rgba(released, MAP)),
    "of the host": await failureOf(() => room.combine([[1, alien]])),
    "of other extents": await failureOf(() => room.matchStandardDeviation(good, larger, 0.5)),
    "of another room": await failureOf(() => other.release(good)),
    "of a closed room": await failureOf(() => room.combine([[1, left]])),
    "made in a closed room": await failureOf(() => closed.combine([[1, good]])),
    "of nothing": await failureOf(() => room.combine([])),
    "a seed too many": await failureOf(() => desk.open(DIMS, 2n ** 64n)),
    "a scale too many": await failureOf(() =>
      desk.write(
        good,
        { buffer: view.buffer, dtype: "float32", copies: 1 },
        Array.from({ length: 7 }, () => ({ scale: 1, shift: 0 })),
      ),
    ),
    "a view, released": await failureOf(() => room.combine([[1, view]])),
    "all in all": await failureOf(() => desk.done()),
  };
  bench.gpu.device.destroy();
  return { numbers: {}, words };
}

/** A drawing's worth of everything, left as an exception would leave it. */
async function draw({ desk }: Bench, size: number): Promise<void> {
  const room = desk.open([1, 4, size, size], 9n);
  const [x, y] = [room.noise(), room.noise()];
  room.release(
    room.combine([
      [1, x],
      [0.5, y],
    ]),
  );
  room.matchStandardDeviation(x, y, 0.5);
  await Promise.all([desk.rgba(x, MAP), desk.rgba(numbersOf([1, 4, size, size], 2), MAP), desk.read(y)]);
  desk.write(numbersOf([1, 4, size, size], 1), { buffer: desk.find(x).buffer, dtype: "float32", copies: 1 });
  room.close();
  await desk.done();
}

/** Bytes in buffers after 2 and after 100 drawings, of two sizes by turns; and after the desk is gone. */
export async function memory(): Promise<Answer> {
  const bench = await openBench();
  const { desk, gpu } = bench;
  const after = async (drawings: number) => {
    for (let i = 0; i < drawings; i++) await draw(bench, i % 2 === 0 ? 16 : 24);
    return gpu.meter.liveBytes;
  };
  const two = await after(2);
  const hundred = await after(98);
  desk.dispose();
  gpu.check();
  return { numbers: { two, hundred, disposed: gpu.meter.liveBytes }, words: {} };
}

/** The GPU says that there was no memory for some buffer; then the drawing is begun again. */
export async function wantOfMemory(): Promise<Answer> {
  const bench = await openBench();
  const { desk, gpu } = bench;
  const none = gpu.meter.liveBytes;
  const room = desk.open(DIMS, 1n);
  const latent = room.noise();
  const { buffer } = desk.find(latent);
  room.release(room.noise());
  const error = new GPUOutOfMemoryError("no memory for a buffer");
  gpu.device.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error }));
  const words = {
    done: await failureOf(() => desk.done()),
    recovered: await failureOf(() => gpu.recover()),
    again: await failureOf(() => desk.read(latent)),
  };
  room.close();
  const left = gpu.meter.liveBytes - none;
  const again = desk.find(desk.open(DIMS, 1n).noise()).buffer;
  const numbers = {
    left,
    sound: Number(desk.buffers.isSound(buffer)),
    soundAgain: Number(desk.buffers.isSound(again)),
  };
  gpu.device.destroy();
  return { numbers, words };
}

/** More than a pool keeps: what was idle longest goes. */
export async function idleBuffers(): Promise<Answer> {
  const { desk, gpu } = await openBench();
  const sizes = Array.from({ length: 40 }, (_, i) => 2 ** 22 + 16 * i);
  const before = gpu.meter.liveBytes;
  const buffers = sizes.map((bytes) => desk.buffers.take(bytes));
  const taken = gpu.meter.liveBytes - before;
  for (const buffer of [...buffers, ...buffers]) desk.buffers.give(buffer);
  const kept = gpu.meter.liveBytes - before;
  const [last = 0] = sizes.slice(-1);
  const [a, b] = [desk.buffers.take(last), desk.buffers.take(last)];
  const numbers = { taken, kept, again: Number(a === buffers.at(-1)), shared: Number(a === b) };
  gpu.device.destroy();
  return { numbers, words: {} };
}

/** The device goes while answers are awaited; then everything is asked again. */
export async function loss(): Promise<Answer> {
  const { desk, gpu } = await openBench();
  const room = desk.open([1, 3, 8, 8], 1n);
  const latent = room.noise();
  const ask = () =>
    [desk.rgba(latent, null), desk.read(latent), desk.done()].map((answer) => failureOf(() => answer));
  const waiting = ask();
  gpu.device.destroy();
  const other = await openBench();
  const disposed = failureOf(() => other.desk.read(uploaded(other, numbersOf(DIMS, 0), "float32")));
  other.desk.dispose();
  const names = ["rgba", "read", "done"];
  const words: Record<string, string> = {};
  for (const [i, word] of (await Promise.all(waiting)).entries()) words[`${names[i]} meanwhile`] = word;
  for (const [i, word] of (await Promise.all(ask())).entries()) words[`${names[i]} later`] = word;
  words["on a desk that was given back"] = await disposed;
  words["open later"] = await failureOf(() => desk.open([1, 3, 8, 8], 1n));
  words["giving back"] = await failureOf(() => {
    room.release(latent);
    room.close();
    desk.dispose();
  });
  return { numbers: {}, words };
}

/** The GPU refuses a piece of work, and says so only later. */
export async function refusal(): Promise<Answer> {
  const { desk, gpu } = await openBench();
  const buffer = gpu.device.createBuffer({ size: 64, usage: GPUBufferUsage.COPY_DST });
  const view = desk.view(buffer, { dtype: "float32", dims: [1, 4, 2, 2], offset: 0 });
  const words = {
    asked: await failureOf(() => desk.open([1, 4, 2, 2], 0n).combine([[1, view]])),
    done: (await failureOf(() => desk.done())).slice(0, 24),
  };
  gpu.device.destroy();
  return { numbers: {}, words };
}
