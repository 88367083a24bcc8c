import { readFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { mountWeights } from "../../runtime/ort/mountWeights";
import type { Parameter, Parameters } from "../checkpoint";
import { readHeader } from "../weights/safetensors";
import { parameterOf } from "../weights/weightFiles";
import { bindWeights, essential } from "./binding";
import { ModelProtoSchema, type TensorProto, TensorProto_DataLocation } from "./onnx_pb";

const FIXTURES = new URL("../../runtime/__fixtures__/small/", import.meta.url);
const graphFile = new Uint8Array(readFileSync(new URL("graphs/unet.f16.onnx", FIXTURES)));
const bytes = readFileSync(new URL("unet/diffusion_pytorch_model.safetensors", FIXTURES));
const checkpoint = new Blob([bytes]);
const header = await readHeader(checkpoint, "unet");
const parameters = new Map([...header].map(([name, tensor]) => [name, parameterOf(checkpoint, tensor)]));

const isExternal = (tensor: TensorProto) => tensor.dataLocation === TensorProto_DataLocation.EXTERNAL;
const initializers = (model: Uint8Array) => fromBinary(ModelProtoSchema, model).graph?.initializer ?? [];

/** Byte by byte; a matcher that prints differences takes minutes for this. */
const equal = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && Buffer.compare(a, b) === 0;

/** Where a tensor points. */
function pointer({ externalData }: TensorProto) {
  const {
    location = "",
    offset,
    length,
  } = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
  return { location, offset: Number(offset), length: Number(length) };
}

/** A graph that wants these tensors, in this ONNX dtype. */
function graphOf(tensors: Record<string, readonly number[]>, dataType: number): Uint8Array {
  const initializer = Object.entries(tensors).map(([name, dims]) => ({
    name,
    dims: dims.map(BigInt),
    dataType,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
  }));
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph: { initializer } }));
}

/** A checkpoint of one parameter, t0. */
function holding(dtype: string, shape: readonly number[], begin: number, end: number): Parameters {
  const file = new Blob([new Uint8Array(end)]);
  return new Map<string, Parameter>([["t0", { file, dtype, shape, begin, end, isTransposed: false }]]);
}

it("[CK31] points every parameter at its own bytes of the checkpoint, with nothing converted", async () => {
  const bound = bindWeights("unet", graphFile, parameters);
  const { mounts } = await mountWeights("unet", bound);
  const files = new Map(mounts.map(({ path, data }) => [path, data]));
  const external = initializers(bound.model).filter(isExternal);
  expect(external.map(({ name }) => name).sort()).toEqual([...header.keys()].sort());
  for (const tensor of external) {
    const { location, offset, length } = pointer(tensor);
    const { begin, end } = header.get(tensor.name) ?? { begin: 0, end: 0 };
    expect(equal(files.get(location)?.subarray(offset, offset + length), bytes.subarray(begin, end))).toBe(
      true,
    );
  }
});

it("[CK31] leaves everything else of the graph as it was, to the byte", () => {
  const stripped = (file: Uint8Array) => {
    const model = fromBinary(ModelProtoSchema, file);
    for (const tensor of model.graph?.initializer ?? []) tensor.externalData = [];
    return toBinary(ModelProtoSchema, model);
  };
  expect(equal(stripped(bindWeights("unet", graphFile, parameters).model), stripped(graphFile))).toBe(true);
  // And nothing is lost by reading and writing: the file is as long as it was, its fields only in another order.
  const rewritten = toBinary(ModelProtoSchema, fromBinary(ModelProtoSchema, graphFile));
  expect(equal(rewritten.slice().sort(), graphFile.slice().sort())).toBe(true);
});

it("[CK32] counts what it reads of the checkpoint, and what that takes once it is open", () => {
  const [, { shape } = { shape: [] }] = [...header].find(([name]) => name === "conv_in.weight") ?? [];
  const count = shape.reduce((a, b) => a * b, 1);
  const wide = bindWeights("unet", graphOf({ "conv_in.weight": shape }, 1), parameters);
  expect([wide.readBytes, wide.openBytes]).toEqual([2 * count, 4 * count]);
  const narrow = bindWeights("unet", graphOf({ "conv_in.weight": shape }, 10), parameters);
  expect([narrow.readBytes, narrow.openBytes]).toEqual([2 * count, 2 * count]);
});

it("[CK33] takes parameters out of several files, and leaves alone what it does not want", () => {
  const all: Parameters = new Map([
    ...holding("F16", [2], 8, 12),
    ["t1", { ...(holding("F32", [3], 0, 12).get("t0") ?? expect.fail("none")) }],
    ["position_ids", { ...(holding("I64", [1], 0, 8).get("t0") ?? expect.fail("none")) }],
  ]);
  const { bindings } = bindWeights("unet", graphOf({ t0: [2], t1: [3] }, 10), all);
  expect([...bindings.keys()]).toEqual(["t0", "t1"]);
  expect(bindings.get("t0")?.parameter.file).not.toBe(bindings.get("t1")?.parameter.file);
});

it("[CK34] takes a 1x1 convolution for a linear layer and the other way round, and nothing else", () => {
  expect(essential([4, 3, 1, 1])).toBe(essential([4, 3]));
  expect(essential([4, 3, 1, 1])).not.toBe(essential([4, 1, 3]));
  const { bindings } = bindWeights("vae", graphOf({ t0: [4, 3] }, 1), holding("F32", [4, 3, 1, 1], 0, 48));
  expect(bindings.get("t0")?.dims).toEqual([4, 3]);
});

it.each<[string, Parameters, { code: string; message: string }]>([
  [
    "is missing",
    new Map(),
    {
      code: "model-corrupt",
      message: "unet: t0 is missing: wanted [2, 3], the checkpoint has no such parameter.",
    },
  ],
  [
    "has another shape",
    holding("F16", [3, 2], 8, 20),
    { code: "model-corrupt", message: "unet: t0: wanted [2, 3], the checkpoint has [3, 2]." },
  ],
  [
    "has another rank",
    holding("F16", [1, 2, 3], 8, 20),
    { code: "model-corrupt", message: "unet: t0: wanted [2, 3], the checkpoint has [1, 2, 3]." },
  ],
  [
    "is of a dtype that nothing converts",
    holding("F64", [2, 3], 8, 56),
    { code: "unsupported", message: "unet: t0 is stored as F64; wanted F32, F16 or BF16." },
  ],
  [
    "has fewer bytes than numbers",
    holding("F16", [2, 3], 8, 18),
    { code: "model-corrupt", message: "unet: t0 is F16 [2, 3], but has 10 bytes." },
  ],
])("[CK35] says so if a parameter %s", (_, given, failure) => {
  expect(() => bindWeights("unet", graphOf({ t0: [2, 3] }, 10), given)).toThrow(
    expect.objectContaining(failure),
  );
});
