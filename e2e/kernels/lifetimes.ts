/** Tensors that are used too late, buffers that are given back, and devices that are lost. */

import { hostLatentDevice } from "../../src/pipeline/hostLatentDevice";
import { BUFFER_USAGE } from "../../src/runtime/device/bufferUsage";
import { failureOf, type Harness, numbersOf, openHarness, uploaded } from "./harness";
import type { Answer } from "./page";

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

/** The errors of a caller who does not keep to the rules. */
export async function misuse(): Promise<Answer> {
  const harness = await openHarness();
  const { latentDevice } = harness;
  const scope = latentDevice.open(DIMS, 1n);
  const other = latentDevice.open(DIMS, 1n);
  const released = scope.noise();
  scope.release(released);
  const alien = hostLatentDevice.open(DIMS, 1n).noise();
  const larger = latentDevice.open([1, 4, 6, 11], 1n).noise();
  const good = scope.noise();
  const view = uploaded(harness, numbersOf(DIMS, 0), "float32");
  scope.release(view);
  const closed = latentDevice.open(DIMS, 1n);
  const left = closed.noise();
  closed.close();
  closed.close();
  const words = {
    "released twice": await failureOf(() => scope.release(released)),
    "used after its release": await failureOf(() =>
      scope.combine([
        [1, good],
        [2, released],
      ]),
    ),
    "read after its release": await failureOf(() => latentDevice.read(released)),
    "shown after its release": await failureOf(() => latentDevice.rgba(released, MAP)),
    "of the host": await failureOf(() => scope.combine([[1, alien]])),
    "of other extents": await failureOf(() => scope.matchStandardDeviation(good, larger, 0.5)),
    "of another scope": await failureOf(() => other.release(good)),
    "of a closed scope": await failureOf(() => scope.combine([[1, left]])),
    "made in a closed scope": await failureOf(() => closed.combine([[1, good]])),
    "of nothing": await failureOf(() => scope.combine([])),
    "a seed too many": await failureOf(() => latentDevice.open(DIMS, 2n ** 64n)),
    "a scale too many": await failureOf(() =>
      latentDevice.write(
        good,
        { buffer: view.buffer, dtype: "float32", copies: 1 },
        Array.from({ length: 7 }, () => ({ scale: 1, shift: 0 })),
      ),
    ),
    "a view, released": await failureOf(() => scope.combine([[1, view]])),
    "all in all": await failureOf(() => latentDevice.done()),
  };
  harness.gpu.device.destroy();
  return { numbers: {}, words };
}

/** A drawing's worth of everything, left as an exception would leave it. */
async function draw({ latentDevice }: Harness, size: number): Promise<void> {
  const scope = latentDevice.open([1, 4, size, size], 9n);
  const [x, y] = [scope.noise(), scope.noise()];
  scope.release(
    scope.combine([
      [1, x],
      [0.5, y],
    ]),
  );
  scope.matchStandardDeviation(x, y, 0.5);
  await Promise.all([
    latentDevice.rgba(x, MAP),
    latentDevice.rgba(numbersOf([1, 4, size, size], 2), MAP),
    latentDevice.read(y),
  ]);
  latentDevice.write(numbersOf([1, 4, size, size], 1), {
    buffer: latentDevice.find(x).buffer,
    dtype: "float32",
    copies: 1,
  });
  scope.close();
  await latentDevice.done();
}

/** Bytes in buffers after 2 and after 100 drawings, of two sizes by turns; and after the latent device is gone. */
export async function memory(): Promise<Answer> {
  const harness = await openHarness();
  const { latentDevice, gpu, meter } = harness;
  const after = async (drawings: number) => {
    for (let i = 0; i < drawings; i++) await draw(harness, i % 2 === 0 ? 16 : 24);
    return meter.liveBytes;
  };
  const two = await after(2);
  const hundred = await after(98);
  latentDevice.dispose();
  gpu.check();
  return { numbers: { two, hundred, disposed: meter.liveBytes }, words: {} };
}

/** The GPU says that there was no memory for some buffer; then the drawing is begun again. */
export async function wantOfMemory(): Promise<Answer> {
  const { latentDevice, gpu, meter } = await openHarness();
  const none = meter.liveBytes;
  const scope = latentDevice.open(DIMS, 1n);
  const latent = scope.noise();
  const { buffer } = latentDevice.find(latent);
  scope.release(scope.noise());
  const error = new GPUOutOfMemoryError("no memory for a buffer");
  gpu.device.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error }));
  const words = {
    done: await failureOf(() => latentDevice.done()),
    recovered: await failureOf(() => gpu.recover()),
    again: await failureOf(() => latentDevice.read(latent)),
  };
  scope.close();
  const left = meter.liveBytes - none;
  const again = latentDevice.find(latentDevice.open(DIMS, 1n).noise()).buffer;
  const numbers = {
    left,
    sound: Number(latentDevice.buffers.isSound(buffer)),
    soundAgain: Number(latentDevice.buffers.isSound(again)),
  };
  gpu.device.destroy();
  return { numbers, words };
}

/** More than a pool keeps: what was idle longest goes. */
export async function idleBuffers(): Promise<Answer> {
  const { latentDevice, gpu, meter } = await openHarness();
  const sizes = Array.from({ length: 40 }, (_, i) => 2 ** 22 + 16 * i);
  const before = meter.liveBytes;
  const buffers = sizes.map((bytes) => latentDevice.buffers.take(bytes));
  const taken = meter.liveBytes - before;
  for (const buffer of [...buffers, ...buffers]) latentDevice.buffers.give(buffer);
  const kept = meter.liveBytes - before;
  const [last = 0] = sizes.slice(-1);
  const [a, b] = [latentDevice.buffers.take(last), latentDevice.buffers.take(last)];
  const numbers = { taken, kept, again: Number(a === buffers.at(-1)), shared: Number(a === b) };
  gpu.device.destroy();
  return { numbers, words: {} };
}

/** The device goes while answers are awaited; then everything is asked again. */
export async function loss(): Promise<Answer> {
  const { latentDevice, gpu } = await openHarness();
  const scope = latentDevice.open([1, 3, 8, 8], 1n);
  const latent = scope.noise();
  const ask = () =>
    [latentDevice.rgba(latent, null), latentDevice.read(latent), latentDevice.done()].map((answer) =>
      failureOf(() => answer),
    );
  const waiting = ask();
  gpu.device.destroy();
  const other = await openHarness();
  const disposed = failureOf(() => other.latentDevice.read(uploaded(other, numbersOf(DIMS, 0), "float32")));
  other.latentDevice.dispose();
  const names = ["rgba", "read", "done"];
  const words: Record<string, string> = {};
  for (const [i, word] of (await Promise.all(waiting)).entries()) words[`${names[i]} meanwhile`] = word;
  for (const [i, word] of (await Promise.all(ask())).entries()) words[`${names[i]} later`] = word;
  words["on a latent device that was given back"] = await disposed;
  words["open later"] = await failureOf(() => latentDevice.open([1, 3, 8, 8], 1n));
  words["giving back"] = await failureOf(() => {
    scope.release(latent);
    scope.close();
    latentDevice.dispose();
  });
  return { numbers: {}, words };
}

/** The GPU refuses a piece of work, and says so only later. */
export async function refusal(): Promise<Answer> {
  const { latentDevice, gpu } = await openHarness();
  const buffer = gpu.device.createBuffer({ size: 64, usage: BUFFER_USAGE.COPY_DST });
  const view = latentDevice.view(buffer, { dtype: "float32", dims: [1, 4, 2, 2], offset: 0 });
  const words = {
    asked: await failureOf(() => latentDevice.open([1, 4, 2, 2], 0n).combine([[1, view]])),
    done: (await failureOf(() => latentDevice.done())).slice(0, 24),
  };
  gpu.device.destroy();
  return { numbers: {}, words };
}
