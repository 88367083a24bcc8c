import { expect, it } from "vitest";
import { buildsFor } from "./builds";

it.each([
  ["webgpu", true, "jspi"],
  ["webgpu", false, "asyncify"],
  ["wasm", true, "plain"],
  ["wasm", false, "plain"],
] as const)("for %s, where WebAssembly can suspend itself: %s, %s is fetched", (kind, canSuspend, build) => {
  expect(buildsFor(kind, canSuspend, [])[0]).toBe(build);
});

it("on the CPU the GPU's build stands in for one that cannot be had, never the other way round", () => {
  expect(buildsFor("wasm", true, [])).toEqual(["plain", "jspi"]);
  expect(buildsFor("wasm", false, [])).toEqual(["plain", "asyncify"]);
  expect(buildsFor("webgpu", true, ["plain"])).toEqual(["jspi"]);
});

it("the GPU's build, where it runs already, computes on the CPU too, and nothing more is fetched", () => {
  expect(buildsFor("wasm", true, ["jspi"])).toEqual(["jspi"]);
  expect(buildsFor("wasm", true, ["plain", "jspi"])).toEqual(["jspi"]);
  expect(buildsFor("wasm", false, ["asyncify"])).toEqual(["asyncify"]);
  expect(buildsFor("wasm", true, ["plain"])[0]).toBe("plain");
});
