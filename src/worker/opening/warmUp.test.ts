/** A model is warm when each of its networks was asked once for the picture that its makers recommend. */

import { expect, it } from "vitest";
import { Failure } from "../../core/failure";
import type { HostTensor } from "../../core/tensor";
import { hostLatentDevice } from "../../pipeline/hostLatentDevice";
import type { Networks } from "../../pipeline/ports";
import { model } from "../../pipeline/testing";
import { warmUp } from "./warmUp";

/** Networks that answer with zeros, and what they were asked. */
function zeros(fails: Partial<Record<"predict" | "decode", Failure>> = {}) {
  const asked: string[] = [];
  const networks: Networks = {
    latentDevice: hostLatentDevice,
    async encode() {
      asked.push("encode");
      return { tokens: 1, dispose: () => void asked.push("dispose") };
    },
    zeros: () => expect.fail("this model has no use for it"),
    async predict({ dims }, _, texts) {
      asked.push(`predict ${texts.length} at ${dims.join("x")}`);
      if (fails.predict) throw fails.predict;
      return texts.map((): HostTensor => ({ dims, data: new Float32Array(dims.reduce((a, b) => a * b)) }));
    },
    async decode() {
      asked.push("decode");
      if (fails.decode) throw fails.decode;
      const planes: HostTensor = { dims: [1, 3, 16, 32], data: new Float32Array(3 * 16 * 32) };
      return planes;
    },
    promptMatch: null,
  };
  return { networks, asked };
}

function watcher(cancelAt = Number.POSITIVE_INFINITY) {
  const told: string[] = [];
  let questions = 0;
  return {
    told,
    onReady: (done: number, total: number) => void told.push(`${done} of ${total}`),
    isCancelled: () => ++questions > cancelAt,
  };
}

it("asks for one step with both texts at the recommended size, decodes, and leaves nothing behind", async () => {
  const { networks, asked } = zeros();
  const { told, ...watching } = watcher();
  await warmUp(model, networks, watching);
  expect(asked).toEqual(["encode", "encode", "predict 2 at 1x4x2x4", "decode", "dispose", "dispose"]);
  expect([...new Set(told)]).toEqual(["0 of 3", "1 of 3", "2 of 3", "3 of 3"]);
});

it("what a picture would fail with too is left to the picture", async () => {
  const { networks } = zeros({ decode: new Failure("out-of-memory", "no room") });
  const { told, ...watching } = watcher();
  await warmUp(model, networks, watching);
  expect(told.at(-1)).toBe("2 of 3");
});

it("a lost device is told at once, and a cancel heeded between two calls", async () => {
  const lost = zeros({ predict: new Failure("device-lost", "gone") });
  await expect(warmUp(model, lost.networks, watcher())).rejects.toMatchObject({ code: "device-lost" });
  const { networks, asked } = zeros();
  await expect(warmUp(model, networks, watcher(2))).rejects.toMatchObject({ code: "cancelled" });
  expect(asked).not.toContain("decode");
});
