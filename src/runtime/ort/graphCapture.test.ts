import type { Tensor } from "onnxruntime-web";
import { expect, it } from "vitest";
import { Failure } from "../../core/failure";
import { type Extents, withGraphCapture } from "./graphCapture";
import type { Session } from "./session";
import type { Tensors } from "./tensors";

const DIMS = ["batch", 4, "height", "width"];

/** A network that takes a second to open and a quarter of one to run, and a log of who did what. */
function network(options: { readonly copies?: number; readonly isCapturable?: boolean } = {}) {
  const log: string[] = [];
  const failing = new Map<string, Failure>();
  let copies = options.copies ?? 9;
  let nowMs = 0;
  const act = async (what: string) => {
    log.push(what);
    const failure = failing.get(what);
    if (failure) throw failure;
  };
  const free = {
    ports: { inputs: [{ name: "sample", type: "float32", shape: DIMS, isTensor: true }], outputs: [] },
    async runInto() {
      nowMs += 250;
      await act("free");
    },
    release: () => act("-free"),
  } as unknown as Session; // nothing else is asked of it here
  const session = withGraphCapture(free, {
    openMs: 1000,
    now: () => nowMs,
    async open(extents: Extents) {
      const name = Object.values(extents).join("x");
      await act(`+${name}`);
      if (options.isCapturable === false) return null;
      return {
        runInto: () => act(name),
        release: () => act(`-${name}`),
      };
    },
    reserve: () => copies-- > 0,
    giveBack() {
      copies++;
    },
    recover: () => act("recover"),
  });
  const run = async (height: number, times: number) => {
    for (let i = 0; i < times; i++) await session.runInto(tensors(height), {});
    return log.splice(0).join(" ");
  };
  const release = async () => {
    await session.release();
    return log.splice(0).join(" ");
  };
  return { run, release, failing, session, log, memoryLeft: () => copies };
}

function tensors(height: number, location = "gpu-buffer"): Tensors {
  const tensor = { location, type: "float32", dims: [2, 4, height, 8] };
  return { sample: tensor as unknown as Tensor };
}

it("a size is captured once its runs, but for the first, have taken as long as opening does", async () => {
  const { run, release } = network();
  expect(await run(8, 4)).toBe("free free free free");
  expect(await run(8, 3)).toBe("free +2x8x8 2x8x8 2x8x8");
  expect(await run(16, 1)).toBe("free");
  expect(await release()).toBe("-2x8x8 -free");
});

it("two sizes are kept, and all memory is given back", async () => {
  const { run, release, memoryLeft } = network();
  for (const height of [8, 16]) await run(height, 5);
  expect(await run(8, 1)).toBe("2x8x8");
  expect(await run(32, 5)).toBe("free free free free free -2x16x8 +2x32x8");
  expect(await run(8, 1)).toBe("2x8x8");
  expect(memoryLeft()).toBe(7);
  await release();
  expect(memoryLeft()).toBe(9);
});

it("tensors on the host are run as ever, and so is everything where there is no memory for a copy", async () => {
  const { session, log } = network();
  for (let i = 0; i < 9; i++) await session.runInto(tensors(8, "cpu"), {});
  expect(new Set(log)).toEqual(new Set(["free"]));
  const { run } = network({ copies: 0 });
  expect(await run(8, 6)).toBe("free free free free free free");
});

it("a graph that cannot be captured is asked once, and a captured run that fails is made on the free session", async () => {
  const refused = network({ isCapturable: false });
  expect(await refused.run(8, 6)).toBe("free free free free free +2x8x8 recover free");
  expect(await refused.run(8, 9)).not.toContain("+");
  expect(refused.memoryLeft()).toBe(9);
  const broken = network();
  broken.failing.set("2x8x8", new Failure("out-of-memory", "too much"));
  expect(await broken.run(8, 7)).toBe("free free free free free +2x8x8 2x8x8 -2x8x8 recover free free");
  expect(broken.memoryLeft()).toBe(9);
});

it("a lost device is told, and a want of memory too, once the captured sessions are released for it", async () => {
  const lost = network();
  await lost.run(8, 5);
  lost.failing.set("2x8x8", new Failure("device-lost", "gone"));
  await expect(lost.run(8, 1)).rejects.toMatchObject({ code: "device-lost" });
  const short = network();
  await short.run(8, 5);
  short.failing.set("free", new Failure("out-of-memory", "too much"));
  await expect(short.run(64, 1)).rejects.toMatchObject({ code: "out-of-memory" });
  expect(short.log).toEqual(["free", "-2x8x8"]);
});
