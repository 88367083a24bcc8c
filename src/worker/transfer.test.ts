/** The worker hands over each buffer whole and once. */

import { expect, it } from "vitest";
import { buffersIn } from "./transfer";

it("finds every buffer of a result, however deep, and each once", () => {
  const png = new ArrayBuffer(1);
  const part = new ArrayBuffer(2);
  expect(buffersIn({ png, same: png, parts: [{ part }], seed: 1n, none: null })).toEqual([png, part]);
});

it("leaves views, files and other objects of the browser alone", () => {
  expect(
    buffersIn({ view: new Uint8Array(4), blob: new Blob(["a"]), map: new Map([[1, new ArrayBuffer(1)]]) }),
  ).toEqual([]);
  expect(buffersIn(undefined)).toEqual([]);
});
