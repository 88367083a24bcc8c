import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findFlaw } from "./structure";

function safetensors(header: unknown, dataBytes: number, lengthOff = 0): Blob {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length + lengthOff), true);
  return new Blob([length.buffer, text, new Uint8Array(dataBytes)]);
}

const tensor = (begin: number, end: number) => ({
  dtype: "U8",
  shape: [end - begin],
  data_offsets: [begin, end],
});
const flawOf = (file: Blob) => findFlaw("unet/model.safetensors", file);

describe("structure", () => {
  it("[L37] finds nothing wrong with a whole file, and something with every shorter or longer one", async () => {
    const whole = safetensors({ __metadata__: { format: "pt" }, a: tensor(0, 10), b: tensor(10, 30) }, 30);
    expect(await flawOf(whole)).toBeNull();
    for (let size = 0; size < whole.size; size++) expect(await flawOf(whole.slice(0, size))).not.toBeNull();
    expect(await flawOf(new Blob([whole, new Uint8Array(1)]))).toMatch(
      /^is damaged: its tensors end at byte \d+ of \d+$/,
    );
  });

  it.each([
    ["no object", safetensors([], 0), "the header is not a JSON object"],
    ["no JSON", safetensors("{ ", 0), "the header is not JSON"],
    ["a length beyond the file", safetensors({}, 0, 1000), "the header claims 1002 bytes"],
    ["a range that is none", safetensors({ a: tensor(3, 1) }, 1), "a has no shape"],
    [
      "a key twice, in the words of the runtime",
      safetensors('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{}}', 1),
      "is damaged: the header has a twice",
    ],
  ])("[L38] refuses a header with %s", async (_, file, words) => {
    expect(await flawOf(file)).toContain(words);
  });

  it("[L39] never throws, whatever the bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const flaw = await flawOf(new Blob([Uint8Array.from(bytes)]));
        expect(flaw === null || flaw.length > 0).toBe(true);
      }),
    );
  });

  it("[L40] wants configs to be JSON, and has nothing to say of other files", async () => {
    expect(await findFlaw("config.json", new Blob(["{}"]))).toBeNull();
    expect(await findFlaw("config.json", new Blob(["{"]))).toBe("is not JSON");
    expect(await findFlaw("config.json", new Blob([]))).toBe("is not JSON");
    expect(await findFlaw("merges.txt", new Blob([]))).toBeNull();
    const page = new Blob(["<!doctype html><title>Sign in</title>"]);
    for (const path of ["a.safetensors", "config.json", "unet/model.onnx", "merges.txt"])
      expect(await findFlaw(path, page)).toMatch(/^is a web page/);
    expect(await findFlaw("README.md", page)).toBeNull();
  });
});
