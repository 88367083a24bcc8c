import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { namedOrigin, originText } from "./origins";

const HUB = { hubUrl: "https://huggingface.co", revision: "" };
const MIRROR = { hubUrl: "https://mirror.example/hub", revision: "v2" };

const hub = (repository: string, revision = "main", baseUrl = HUB.hubUrl) => ({
  status: "named",
  origin: { kind: "hub", baseUrl, repository, revision },
});
const file = (url: string) => ({ status: "named", origin: { kind: "url", url } });

const PIECES = fc
  .array(
    fc.constantFrom("https://", "huggingface.co", "/", "a", "..", "tree", ".safetensors", "@", "?", "#", "%"),
  )
  .map((pieces) => pieces.join(""));

describe("what names a model", () => {
  it.each([
    ["stabilityai/sd-turbo", hub("stabilityai/sd-turbo")],
    ["  stabilityai/sd-turbo \n", hub("stabilityai/sd-turbo")],
    ["stabilityai/sd-turbo@refs/pr/7", hub("stabilityai/sd-turbo", "refs/pr/7")],
    ["https://huggingface.co/stabilityai/sd-turbo", hub("stabilityai/sd-turbo")],
    ["huggingface.co/stabilityai/sd-turbo/", hub("stabilityai/sd-turbo")],
    ["https://hf.co/stabilityai/sd-turbo?library=diffusers#x", hub("stabilityai/sd-turbo")],
    ["https://huggingface.co/a/b/tree/fp16", hub("a/b", "fp16")],
    ["https://huggingface.co/a/b/tree/refs%2Fpr%2F7", hub("a/b", "refs/pr/7")],
    ["https://huggingface.co/a/b/blob/main/model_index.json", hub("a/b")],
    ["https://other.example/a/b", hub("a/b", "main", "https://other.example")],
    ["http://127.0.0.1:8080/a/b", hub("a/b", "main", "http://127.0.0.1:8080")],
  ])("%s is a repository", (text, expected) => {
    expect(namedOrigin(text, HUB)).toEqual(expected);
  });

  it.each([
    [
      "https://huggingface.co/a/b/blob/main/sub/x.safetensors",
      file("https://huggingface.co/a/b/resolve/main/sub/x.safetensors"),
    ],
    [
      "https://huggingface.co/a/b/resolve/main/x.safetensors?download=true",
      file("https://huggingface.co/a/b/resolve/main/x.safetensors"),
    ],
    ["https://files.example/x.SAFETENSORS?key=1#top", file("https://files.example/x.SAFETENSORS?key=1")],
    ["https://civitai.com/api/download/models/12", file("https://civitai.com/api/download/models/12")],
  ])("%s is a file", (text, expected) => {
    expect(namedOrigin(text, HUB)).toEqual(expected);
  });

  it("a mirror and a revision of the settings are taken where the text names none", () => {
    expect(namedOrigin("a/b", MIRROR)).toEqual(hub("a/b", "v2", MIRROR.hubUrl));
    expect(namedOrigin("https://mirror.example/hub/a/b", MIRROR)).toEqual(hub("a/b", "v2", MIRROR.hubUrl));
    expect(namedOrigin("https://mirror.example/hub/a/b/tree/dev", MIRROR)).toEqual(
      hub("a/b", "dev", MIRROR.hubUrl),
    );
  });

  it.each([
    ["", "owner/name"],
    ["gpt2", "owner/name"],
    ["../b", "owner/name"],
    ["a/model.safetensors", "whole address"],
    ["https://huggingface.co/a/b/resolve/main/x.ckpt", "run code"],
    ["https://huggingface.co/datasets/a/b", "not a model"],
    ["https://huggingface.co/a", "neither"],
    ["https://huggingface.co/a/b/discussions/1", "neither"],
    ["https://civitai.com/models/4384", "download button"],
    ["http://huggingface.co/a/b", "not encrypted"],
    ["https://me:secret@huggingface.co/a/b", "password"],
    ["javascript:alert(1)", "owner/name"],
  ])("%j names none, and a sentence says why", (text, why) => {
    const named = namedOrigin(text, HUB);
    expect(named).toMatchObject({ status: "unclear" });
    expect(named.status === "unclear" && named.problem).toContain(why);
    expect(named.status === "unclear" && named.problem).toMatch(/^[A-Z].+\.$/);
  });

  it("any text gives an answer; a repository always has an owner and a name", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), PIECES), (text) => {
        const named = namedOrigin(text, HUB);
        if (named.status !== "named") return;
        const { origin } = named;
        if (origin.kind === "hub") expect(origin.repository).toMatch(/^[^/]+\/[^/]+$/);
        else expect(URL.canParse(origin.url)).toBe(true);
        expect(originText(origin).text).not.toBe("");
      }),
    );
  });
});
