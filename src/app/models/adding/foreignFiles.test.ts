import { describe, expect, it } from "vitest";
import { refuseForeign } from "./foreignFiles";

const chosen = (path: string, content: string | Uint8Array<ArrayBuffer>) => ({
  path,
  file: new File([content], path),
});

/** A safetensors file with an empty header. */
function safetensors(header = "{}"): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + header.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
}

describe("refuseForeign", () => {
  it.each([
    ["notes.txt", "hello", /“notes\.txt” is no model\. Choose the folder/],
    ["cat.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47]), /“cat\.png” is a PNG picture/],
    ["cat.safetensors", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0]), /is a PNG picture/],
    ["model.safetensors", "eighteen bytes....", /has 18 bytes/],
    ["model.safetensors", "", /has 0 bytes/],
    ["model.safetensors", safetensors().slice(0, 9), /has 9 bytes/],
    ["model.safetensors", "<!doctype html><title>Sign in</title>", /is a web page/],
    ["model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:00", /pointer of Git LFS/],
    ["model.zip", "PK\u0003\u0004", /is a zip archive: unpack/],
  ])("%s is refused on sight, and the kind is said", async (path, content, sentence) => {
    await expect(refuseForeign({ files: [chosen(path, content)] })).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringMatching(sentence),
    });
  });

  it("a folder without a model in it is refused, and names what is there", async () => {
    const files = [chosen("a.txt", "a"), chosen("sub/b.png", "b")];
    await expect(refuseForeign({ files })).rejects.toThrow(/only a\.txt, sub\/b\.png\./);
  });

  it("one bad file of a model is named", async () => {
    const files = [
      chosen("unet/diffusion_pytorch_model.safetensors", safetensors()),
      chosen("vae/diffusion_pytorch_model.safetensors", "version https://git-lfs.github.com/spec/v1"),
    ];
    await expect(refuseForeign({ files })).rejects.toThrow(
      /“vae\/diffusion_pytorch_model\.safetensors” is only a pointer/,
    );
  });

  it("models pass", async () => {
    for (const files of [
      [chosen("any.safetensors", safetensors())],
      [chosen("unet/diffusion_pytorch_model.safetensors", safetensors()), chosen("model_index.json", "{}")],
      [chosen("unet/model.onnx", "\b\u0007")],
      [chosen("config.json", "{}"), chosen("diffusion_pytorch_model.safetensors", safetensors())],
    ])
      await expect(refuseForeign({ files })).resolves.toBeUndefined();
  });
});
