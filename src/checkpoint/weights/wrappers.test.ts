import { expect, it } from "vitest";
import { unwrapped } from "./wrappers";

const bare = (...names: string[]) => [
  ...unwrapped("x.safetensors", new Map(names.map((name) => [name, null]))).keys(),
];

it("drops the names of PyTorch's wrappers, wherever they stand and however many there are", () => {
  expect(bare("_orig_mod.conv_in.weight")).toEqual(["conv_in.weight"]);
  expect(bare("model.diffusion_model._orig_mod.out.0.bias")).toEqual(["model.diffusion_model.out.0.bias"]);
  expect(bare("module._orig_mod.a.module.b")).toEqual(["a.b"]);
  expect(bare("a._fsdp_wrapped_module._checkpoint_wrapped_module.b")).toEqual(["a.b"]);
});

it("leaves all other names alone", () => {
  const names = ["motion_modules.0.a", "submodule.a", "a._orig_modes.b", "module", "a.module"];
  expect(bare(...names)).toEqual(names);
});

it("refuses a file that has a parameter wrapped and bare", () => {
  expect(() => bare("_orig_mod.a", "a")).toThrow(/^x\.safetensors: a is there twice/);
});
