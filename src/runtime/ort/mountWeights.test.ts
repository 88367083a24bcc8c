import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { Parameter } from "../../checkpoint/checkpoint";
import type { BoundGraph } from "../../checkpoint/graph/binding";
import { areFinite, floatsToHalves, transposed } from "../../checkpoint/weights/dtype";
import { nodeModelFiles, nodeReaderOf } from "../../cli/nodeFiles";
import { must } from "../testing";
import { mountWeights, type ReaderOf } from "./mountWeights";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** These bytes in a file on the disk. */
async function onDisk(bytes: Uint8Array): Promise<{ path: string; file: Blob }> {
  const folder = mkdtempSync(join(tmpdir(), "weights-"));
  folders.push(folder);
  const path = join(folder, "x.bin");
  writeFileSync(path, bytes);
  return { path, file: await must(nodeModelFiles(folder), "x.bin") };
}

/** A graph of one parameter named p. */
function wanting(
  parameter: Partial<Parameter> & { readonly file: Blob },
  from: "F32" | "F16" | "BF16",
  to: "F32" | "F16",
): BoundGraph {
  const shape = parameter.shape ?? [parameter.file.size / (from === "F32" ? 4 : 2)];
  const count = shape.reduce((a, b) => a * b, 1);
  const whole = { dtype: from, shape, begin: 0, end: parameter.file.size, isTransposed: false, ...parameter };
  const bytes = count * (to === "F32" ? 4 : 2);
  const binding = { name: "p", parameter: whole, from, to, dims: shape, bytes };
  return { model: new Uint8Array(0), bindings: new Map([["p", binding]]), readBytes: 0, openBytes: bytes };
}

const later: ReaderOf = () => null;

describe.each([
  ["at once", nodeReaderOf],
  ["beforehand, where a platform can only wait", later],
])("read %s", (_, readerOf) => {
  /** The bytes that ONNX Runtime would copy. */
  async function asked(bound: BoundGraph, options: Parameters<typeof mountWeights>[2] = {}) {
    const { mounts, failure } = await mountWeights("unet", bound, { readerOf, ...options });
    const [mount] = mounts;
    if (!mount) return expect.fail("nothing was mounted");
    expect([mount.path, mount.data.byteLength]).toEqual(["p", bound.openBytes]);
    const bytes = mount.data.subarray(0, bound.openBytes);
    expect(failure()).toBeNull();
    return bytes.slice();
  }
  const floats = async (...args: Parameters<typeof asked>) => [
    ...new Float32Array((await asked(...args)).buffer),
  ];

  it("a range of a file as it is, or in the format that the graph wants", async () => {
    const { file } = await onDisk(new Uint8Array(Float32Array.of(9, 1, 2, 3).buffer));
    expect(await floats(wanting({ file, shape: [2], begin: 4, end: 12 }, "F32", "F32"))).toEqual([1, 2]);
    const halves = await onDisk(new Uint8Array(floatsToHalves(Float32Array.of(0.5, -2)).buffer));
    expect(await floats(wanting({ file: halves.file }, "F16", "F32"))).toEqual([0.5, -2]);
  });

  it("turns what lies the other way round", async () => {
    const { file } = await onDisk(new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer));
    const bound = wanting({ file, shape: [2, 3], isTransposed: true }, "F32", "F32"); // in the file: [3, 2]
    expect(await floats(bound)).toEqual([1, 3, 5, 2, 4, 6]);
  });

  it("tells of bytes once, and edits what it hands on", async () => {
    const { file } = await onDisk(new Uint8Array(Float32Array.of(1, 2).buffer));
    let read = 0;
    const edits = new Map([["p", (weight: Float32Array) => weight.set([7])]]);
    const onRead = (bytes: number) => {
      read += bytes;
    };
    expect(await floats(wanting({ file }, "F32", "F32"), { edits, onRead })).toEqual([7, 2]);
    expect(read).toBe(8);
  });

  const refusal = async (bound: BoundGraph) => {
    try {
      const { mounts, failure } = await mountWeights("unet", bound, { readerOf });
      expect(() => mounts[0]?.data.subarray(0, 4)).toThrow();
      return failure();
    } catch (failure) {
      return failure;
    }
  };

  it.each<["F32" | "F16" | "BF16", Uint8Array]>([
    ["F32", new Uint8Array(Float32Array.of(1, Number.NaN).buffer)],
    ["F16", new Uint8Array(Uint16Array.of(1, 0x7c00, 2).buffer)],
    ["BF16", new Uint8Array(Uint16Array.of(0xff80, 1).buffer)],
  ])(
    "refuses %s weights that are infinite or NaN, by name, also where nothing is converted",
    async (from, bytes) => {
      const { file } = await onDisk(bytes);
      const failure = await refusal(wanting({ file }, from, from === "F16" ? "F16" : "F32"));
      expect(failure).toMatchObject({
        code: "model-corrupt",
        message: expect.stringMatching(/^unet: p holds.*NaN/),
      });
    },
  );

  it("refuses numbers that 16 bits cannot hold", async () => {
    const { file } = await onDisk(new Uint8Array(Float32Array.of(1, 70000).buffer));
    const message = expect.stringMatching(/^unet: p holds numbers that 16 bits cannot hold/);
    expect(await refusal(wanting({ file }, "F32", "F16"))).toMatchObject({ code: "unsupported", message });
  });

  it("says so if the file was changed meanwhile", async () => {
    const { path, file } = await onDisk(new Uint8Array(16));
    const bound = wanting({ file }, "F32", "F32");
    truncateSync(path, 4);
    const message = expect.stringMatching(/^unet: p can no longer be read/);
    expect(await refusal(bound)).toMatchObject({ code: "model-missing", message });
  });
});

it("nothing is read before it is asked for", async () => {
  const fixtures = nodeModelFiles(fileURLToPath(new URL("../__fixtures__", import.meta.url)));
  const file = await must(fixtures, "bf16/model.safetensors");
  let reads = 0;
  const readerOf: ReaderOf = (asked) => {
    const read = nodeReaderOf(asked);
    return (begin, end) => {
      reads++;
      return read?.(begin, end) ?? new Uint8Array(0);
    };
  };
  const bound = wanting({ file, shape: [4], begin: 0, end: 8 }, "F16", "F16");
  const { mounts } = await mountWeights("unet", bound, { readerOf });
  expect(reads).toBe(0);
  mounts[0]?.data.subarray(0, 8);
  expect(reads).toBe(1);
});

describe("numbers", () => {
  it("finite ones are told from others at every place, in every format", () => {
    const cases = [
      ["F32", 4, [0x7f, 0x80, 0, 0], [0x7f, 0x7f, 0xff, 0xff]],
      ["F16", 2, [0x7c, 0], [0x7b, 0xff]],
      ["BF16", 2, [0x7f, 0x80], [0x7f, 0x7f]],
    ] as const;
    for (const [format, width, infinite, largest] of cases)
      for (let at = 0; at < 5; at++) {
        const fill = (number: readonly number[]) => {
          const bytes = new Uint8Array(5 * width);
          bytes.set([...number].reverse(), at * width);
          return bytes;
        };
        expect(areFinite(fill(infinite), format), `${format} ${at}`).toBe(false);
        expect(areFinite(fill(largest), format), `${format} ${at}`).toBe(true);
      }
  });

  it("turning twice is turning not at all, in two bytes and in four", () => {
    for (const width of [2, 4]) {
      const bytes = Uint8Array.from({ length: 3 * 5 * width }, (_, i) => i);
      expect(transposed(bytes, 3, 5)).not.toEqual(bytes);
      expect(transposed(transposed(bytes, 3, 5), 5, 3)).toEqual(bytes);
    }
  });
});
