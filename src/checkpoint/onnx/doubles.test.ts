import { expect, it } from "vitest";
import { loadNodeEngine } from "../../runtime/ort/nodeEngine";
import { bindFile } from "./boundFile";
import { readOnnx } from "./onnxFile";
import { onnxSource } from "./onnxSource";
import { filesOf, folderOf, PUBLISHED } from "./testing";
import { type NodeLike, onnxBytes, TYPES, type WeightLike } from "./testingBytes";

const { ort } = loadNodeEngine(1);

/** The numbers that ONNX Runtime computes of x = [1, 2, 3], once the file has been read. */
async function computed(nodes: readonly NodeLike[], weights: readonly WeightLike[]): Promise<number[]> {
  const x = ["x", "float32", [3]] as const;
  const file = new Blob([onnxBytes({ inputs: [x], outputs: [["y", "float32", [3]]], weights, nodes })]);
  const { model } = await bindFile(filesOf({}), await readOnnx(file, "unet/model.onnx"), file);
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
  const { y } = await session.run(
    { x: new ort.Tensor("float32", Float32Array.of(1, 2, 3), [3]) },
    { y: null },
    {},
  );
  await session.release();
  return Array.from(y?.data ?? [], Number);
}

const double = (name: string, value: number): WeightLike => ({
  name,
  type: "float64",
  dims: [],
  data: [value],
});
const cast = (from: string, to: string, type: keyof typeof TYPES): NodeLike => ({
  op: "Cast",
  inputs: [from],
  outputs: [to],
  attributes: { to: TYPES[type] },
});

it("exponents in 64 bits are read in 32", async () => {
  const pow = { op: "Pow", inputs: ["x", "two"], outputs: ["y"] };
  expect(await computed([pow], [double("two", 2)])).toEqual([1, 4, 9]);
});

it("a stretch of the graph that computes in 64 bits computes in 32", async () => {
  const mish: NodeLike[] = [
    cast("x", "wide", "float64"),
    { op: "Mul", inputs: ["wide", "half"], outputs: ["product"] },
    { op: "Erf", inputs: ["product"], outputs: ["bent"] },
    cast("bent", "y", "float32"),
  ];
  const [first = 0] = await computed(mish, [double("half", 0.5)]);
  expect(first).toBeCloseTo(0.5204999, 5); // erf(0.5)
});

it("a bound beyond 32 bits becomes the largest number, not infinity", async () => {
  const least: NodeLike = { op: "Min", inputs: ["x", "most"], outputs: ["y"] };
  const product: NodeLike = { op: "Mul", inputs: ["most", "zero"], outputs: ["y"] };
  expect(await computed([least], [double("most", Number.MAX_VALUE)])).toEqual([1, 2, 3]);
  const zero: WeightLike = { name: "zero", type: "float32", dims: [3], data: [0, 0, 0] };
  expect(await computed([product], [double("most", Number.MAX_VALUE), zero])).toEqual([0, 0, 0]);
});

it("a graph without 64 bits keeps its own bytes", async () => {
  const unet = folderOf()["unet/model.onnx"] ?? expect.fail("no U-Net");
  const { rest } = await readOnnx(new Blob([unet]), "unet/model.onnx");
  expect([...rest.model, ...rest.graph].every(({ bytes }) => bytes === null)).toBe(true);
});

it.each([
  ["NhwcConv", "com.microsoft"],
  ["GroupNorm", "com.microsoft"],
  ["Conv", "com.microsoft.nchwc"],
  ["EPContext", "com.microsoft"],
])("a graph with %s of %s is refused by name, before anything is loaded", async (op, domain) => {
  const [sample, t, hidden] = [
    ["sample", "float32", ["", 4, "", ""]],
    ["timestep", "int64", [1]],
    ["encoder_hidden_states", "float32", ["", 77, 40]],
  ] as const;
  const unet = onnxBytes({
    inputs: [sample, t, hidden],
    outputs: [["out_sample", "float32", ["", 4, "", ""]]],
    nodes: [{ op, domain, inputs: ["sample"], outputs: ["out_sample"] }],
  });
  const opening = onnxSource(filesOf({ ...folderOf(), "unet/model.onnx": unet }), PUBLISHED);
  await expect(opening).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining(
      `unet/model.onnx was optimised for another machine: ONNX Runtime Web has no kernel for ${domain}:${op}.`,
    ),
  });
});
