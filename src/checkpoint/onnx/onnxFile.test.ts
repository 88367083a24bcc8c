import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "../../core/failure";
import { readOnnx } from "./onnxFile";
import { folderOf, WORDS } from "./testing";
import { dataBytes, onnxBytes, type WeightLike } from "./testingBytes";

const CORRUPT = { code: "model-corrupt" };
const unet = folderOf({ guidance: ["batch_size", 256] })["unet/model.onnx"] ?? new Uint8Array();

/** A weight of a megabyte, and a graph that adds it. */
const large: WeightLike = {
  name: "w",
  type: "float32",
  dims: [512, 512],
  data: new Array(512 * 512).fill(0.5),
};
const adding = (weight: WeightLike) =>
  onnxBytes({
    inputs: [["x", "float32", ["", 512]]],
    outputs: [["y", "float32", ["", 512]]],
    weights: [weight],
    nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
  });

describe("reading", () => {
  it("[CK60] inputs, outputs and operators, free extents by name", async () => {
    const { inputs, outputs, operators, hasF16 } = await readOnnx(new Blob([unet]), "unet/model.onnx");
    expect(inputs).toEqual([
      { name: "sample", type: "float32", shape: ["batch_size", "num_channels", "height", "width"] },
      { name: "timestep", type: "int64", shape: ["steps"] },
      { name: "encoder_hidden_states", type: "float32", shape: ["batch_size", "sequence_length", 40] },
      { name: "timestep_cond", type: "float32", shape: ["batch_size", 256] },
    ]);
    expect(outputs).toEqual([{ name: "out_sample", type: "float32", shape: ["", "", "", ""] }]);
    expect([operators.get("ReduceMean"), operators.get("Add"), hasF16]).toEqual([2, 3, false]);
  });

  it("[CK61] weights inside the file by their range, and of them not a byte is read", async () => {
    const bytes = adding(large);
    let readBytes = 0;
    const counted = new Blob([bytes]);
    const slice = counted.slice.bind(counted);
    counted.slice = (begin = 0, end = counted.size) => {
      readBytes += end - begin;
      return slice(begin, end);
    };
    const { weights, inputs } = await readOnnx(counted, "x.onnx");
    const [{ tensor, location, begin = 0, end = 0 } = expect.fail("no weight")] = weights;
    expect([tensor.name, tensor.dims, location]).toEqual(["w", [512n, 512n], null]);
    expect(Buffer.compare(bytes.slice(begin, end ?? 0), dataBytes(large))).toBe(0);
    expect(inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(readBytes).toBeLessThan(4 * 64 * 1024);
  });

  it("[CK61] weights outside by the name, offset and length that the graph has for them", async () => {
    const { weights } = await readOnnx(
      new Blob([adding({ ...large, external: { location: "m.data", offset: 64 } })]),
      "x",
    );
    expect(weights).toMatchObject([{ location: "m.data", begin: 64, end: 64 + 4 * 512 * 512 }]);
  });

  it("[CK61] weights that an old exporter lists among the inputs are no inputs", async () => {
    const bytes = onnxBytes({
      inputs: [
        ["w", "float32", [2]],
        ["x", "float32", [2]],
      ],
      outputs: [["y", "float32", [2]]],
      weights: [{ name: "w", type: "float32", dims: [2], data: [1, 2] }],
      nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
    });
    const { inputs } = await readOnnx(new Blob([bytes]), "x");
    expect(inputs.map(({ name }) => name)).toEqual(["x"]);
  });
});

describe("hostile files", () => {
  it("[CK62] cut short anywhere: refused, naming the file", async () => {
    const whole = await readOnnx(new Blob([unet]), "unet");
    const graphEnd = whole.rest.graph.at(-1)?.end ?? 0;
    for (let length = 0; length < graphEnd; length += 23)
      await expect(
        readOnnx(new Blob([unet.slice(0, length)]), "unet/model.onnx"),
        `${length}`,
      ).rejects.toMatchObject({
        ...CORRUPT,
        message: expect.stringMatching(/^unet\/model.onnx: .* Fetch the file again.$/),
      });
  });

  it.each<[string, BlobPart]>([
    ["nothing", ""],
    ["a page of HTML", "<!doctype html><html><body>404</body></html>"],
    ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1719\n"],
    ["JSON", "{}"],
    ["a length of 2^63", new Uint8Array([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])],
    ["a number without an end", new Uint8Array(20).fill(0xff)],
  ])("[CK62] %s instead of ONNX", async (_, bytes) => {
    await expect(readOnnx(new Blob([bytes]), "unet.onnx")).rejects.toMatchObject(CORRUPT);
  });

  it.each<[string, string, RegExp]>([
    [
      "a pointer",
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 17\n",
      /pointer of Git LFS/,
    ],
    ["a page", "<!doctype html><html><body>404</body></html>", /is a web page/],
  ])("[CK62] %s instead of ONNX is refused as that", async (_, bytes, says) => {
    await expect(readOnnx(new Blob([bytes]), "unet.onnx")).rejects.toMatchObject({
      ...CORRUPT,
      message: expect.stringMatching(says),
    });
  });

  it.each(["-1", "1e9", "9007199254740993", "0x10"])("[CK62] an offset of %s", async (offset) => {
    const honest = adding({ ...large, external: { location: "m", offset: 1234567890123456 } });
    const text = Array.from(honest, (byte) => String.fromCharCode(byte)).join("");
    const padded = offset.padStart(16, " ");
    const lying = Uint8Array.from(text.replace("1234567890123456", padded), (letter) => letter.charCodeAt(0));
    await expect(readOnnx(new Blob([lying]), "x.onnx")).rejects.toMatchObject(CORRUPT);
  });

  it("[CK62] whatever bytes are changed, it is read or refused, and never hangs", async () => {
    const change = fc.record({ at: fc.nat(unet.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const changed = unet.slice();
        for (const { at, byte } of changes) changed[at] = byte;
        const error = await readOnnx(new Blob([changed]), "unet.onnx").then(
          () => null,
          (failure: unknown) => failure,
        );
        expect(error === null || (error instanceof Failure && error.code === "model-corrupt")).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("[CK61] the table of words is long enough to lie outside", () => {
    expect(WORDS * 40 * 4).toBeGreaterThan(64 * 1024);
  });
});
