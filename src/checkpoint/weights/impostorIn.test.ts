import { expect, it } from "vitest";
import { parseJson } from "../json";
import { impostorIn } from "./impostorIn";
import { readHeader } from "./safetensors";

const POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4265146304\n";
const PAGE = "\uFEFF\n<!DOCTYPE html>\n<html lang=en><title>Sign in</title>";

it.each<[string, string, RegExp]>([
  ["a pointer of Git LFS", POINTER, /only a pointer of Git LFS.* 4265146304 bytes/],
  ["one with Windows' line ends", POINTER.replaceAll("\n", "\r\n"), /4265146304 bytes/],
  ["an old pointer", "version https://hawser.github.com/spec/v1\n", /only a pointer of Git LFS/],
  ["a link of git-annex", "../.git/annex/objects/Xx/Yy/SHA256E-s10--00.safetensors\n", /git-annex/],
  ["a file of git-annex", "/annex/objects/SHA256E-s10--00.safetensors\n", /git-annex/],
  ["a web page", PAGE, /web page/],
  ["a page that begins with a remark", "<!-- served by x -->\n<HTML>", /web page/],
  ["a store's refusal", '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /in XML/],
])("names %s", async (_, text, says) => {
  expect((await impostorIn(new Blob([text])))?.says).toMatch(says);
});

it.each(["{}", "[1]", "#version: 0.2\ni n\n", "<|startoftext|>", "version 2 of the model"])(
  "lets %j be what its name says",
  async (text) => {
    expect(await impostorIn(new Blob([text]))).toBeNull();
  },
);

it("a .safetensors that is something else is refused as that, with what to do", async () => {
  const refusal = (text: string) => readHeader(new Blob([text]), "unet/x.safetensors");
  await expect(refusal(POINTER)).rejects.toMatchObject({
    code: "model-corrupt",
    message: expect.stringMatching(
      /^unet\/x\.safetensors is only a pointer .* Fetch the real file: run "git lfs pull"/,
    ),
  });
  await expect(refusal(PAGE)).rejects.toMatchObject({
    message: expect.stringMatching(/is a web page .* download/),
  });
});

it("a .json that is something else is refused as that", () => {
  const refusal = (text: string) => () => parseJson("unet/config.json", text);
  expect(refusal(POINTER)).toThrow(/^unet\/config\.json is only a pointer of Git LFS/);
  expect(refusal(PAGE)).toThrow(/^unet\/config\.json is a web page/);
});
