import { readFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { type BoundGraph, bindWeights } from "./graph";
import { ModelProtoSchema, type TensorProto, TensorProto_DataLocation } from "./onnx_pb";
import { readHeader, type SafetensorsHeader } from "./safetensors";
import { readMounts } from "./weights";

const FIXTURES = new URL("./__fixtures__/small/", import.meta.url);
const graphFile = new Uint8Array(readFileSync(new URL("graphs/unet.f16.onnx", FIXTURES)));
const bytes = readFileSync(new URL("unet/diffusion_pytorch_model.safetensors", FIXTURES));
const checkpoint = new Blob([bytes]);
const header = await readHeader(checkpoint, "unet");

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

/** A header of f16 vectors laid one behind the other, of these bytes each. */
function headerOf(sizes: readonly number[]): SafetensorsHeader {
  let begin = 1000;
  return new Map(
    sizes.map((size, i) => {
      const tensor = { dtype: "F16", shape: [size / 2], begin, end: begin + size };
      begin += size;
      return [`t${i}`, tensor] as const;
    }),
  );
}

async function mounted(bound: BoundGraph): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const mounts = await readMounts(checkpoint, bound, () => undefined);
  return new Map(mounts.map(({ path, data }) => [path, data]));
}

it("[G1] points every parameter at its own bytes of the checkpoint, with nothing converted", async () => {
  const bound = bindWeights("unet", graphFile, header);
  expect(bound.mounts.map(({ kind }) => kind)).toEqual(["slice"]);
  const files = await mounted(bound);
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

it("[G2] leaves everything else of the graph as it was, to the byte", () => {
  const stripped = (file: Uint8Array) => {
    const model = fromBinary(ModelProtoSchema, file);
    for (const tensor of model.graph?.initializer ?? []) tensor.externalData = [];
    return toBinary(ModelProtoSchema, model);
  };
  expect(equal(stripped(bindWeights("unet", graphFile, header).model), stripped(graphFile))).toBe(true);
  // And nothing is lost by reading and writing: the file is as long as it was, its fields only in another order.
  const rewritten = toBinary(ModelProtoSchema, fromBinary(ModelProtoSchema, graphFile));
  expect(equal(rewritten.slice().sort(), graphFile.slice().sort())).toBe(true);
});

it("[G3] converts to the dtype that the graph wants", async () => {
  const name = "conv_in.bias";
  const shape = header.get(name)?.shape ?? [];
  const bound = bindWeights("unet", graphOf({ [name]: shape }, 1), header);
  const [tensor] = initializers(bound.model);
  const { location, offset, length } = pointer(tensor ?? expect.fail("no tensor"));
  expect(length).toBe(4 * (shape[0] ?? 0));
  const floats = (await mounted(bound)).get(location)?.slice(offset, offset + length);
  const values = new Float32Array(floats?.buffer ?? new ArrayBuffer(0));
  expect(values.length).toBe(shape[0]);
  expect(values.every((value) => value !== 0 && Math.abs(value) < 1)).toBe(true);
});

it("[G4] counts the bytes that it reads, converted or not", async () => {
  for (const precision of ["f16", "f32"]) {
    const graph = new Uint8Array(readFileSync(new URL(`graphs/unet.${precision}.onnx`, FIXTURES)));
    const bound = bindWeights("unet", graph, header);
    let read = 0;
    await readMounts(checkpoint, bound, (more) => {
      read += more;
    });
    expect(read).toBe(bound.readBytes);
    expect(read).toBeGreaterThan(0.9 * checkpoint.size);
  }
});

it("[G5] cuts a large checkpoint between tensors, into mounts under 256 MiB, and leaves wide gaps out", () => {
  const MiB = 2 ** 20;
  const sizes = [100, 100, 100, 300, 2, 50].map((size) => size * MiB);
  const wanted = Object.fromEntries(sizes.flatMap((size, i) => (i === 4 ? [] : [[`t${i}`, [size / 2]]])));
  const bound = bindWeights("unet", graphOf(wanted, 10), headerOf(sizes));
  const lengths = bound.mounts.map((mount) => (mount.kind === "slice" ? (mount.end - mount.begin) / MiB : 0));
  expect(lengths).toEqual([200, 100, 300, 50]);
  const pointers = initializers(bound.model).map(pointer);
  expect(pointers.map(({ location, offset }) => `${location} ${offset / MiB}`)).toEqual([
    "checkpoint.0 0",
    "checkpoint.0 100",
    "checkpoint.1 0",
    "checkpoint.2 0",
    "checkpoint.3 0",
  ]);
});

it("[G6] packs converted tensors into mounts under 256 MiB", () => {
  const sizes = [60, 60, 60].map((size) => size * 2 ** 20);
  const wanted = Object.fromEntries(sizes.map((size, i) => [`t${i}`, [size / 2]]));
  const bound = bindWeights("unet", graphOf(wanted, 1), headerOf(sizes));
  expect(bound.mounts.map((mount) => (mount.kind === "converted" ? mount.bytes / 2 ** 20 : 0))).toEqual([
    240, 120,
  ]);
  expect(bound.readBytes).toBe(180 * 2 ** 20);
});

it.each<[string, SafetensorsHeader, { code: string; message: string }]>([
  [
    "is missing",
    new Map(),
    { code: "model-corrupt", message: "unet: t0 is missing: wanted [2, 3], the file has no such tensor." },
  ],
  [
    "has another shape",
    new Map([["t0", { dtype: "F16", shape: [3, 2], begin: 8, end: 20 }]]),
    { code: "model-corrupt", message: "unet: t0: wanted [2, 3], the file has [3, 2]." },
  ],
  [
    "has another rank",
    new Map([["t0", { dtype: "F16", shape: [2, 3, 1], begin: 8, end: 20 }]]),
    { code: "model-corrupt", message: "unet: t0: wanted [2, 3], the file has [2, 3, 1]." },
  ],
  [
    "is of a dtype that nothing converts",
    new Map([["t0", { dtype: "I64", shape: [2, 3], begin: 8, end: 56 }]]),
    { code: "unsupported", message: "unet: t0 is stored as I64; wanted F32, F16 or BF16." },
  ],
])("[G7] says so if a parameter %s", (_, given, failure) => {
  expect(() => bindWeights("unet", graphOf({ t0: [2, 3] }, 10), given)).toThrow(
    expect.objectContaining(failure),
  );
});
