import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPath, checkPaths, checkPlan, modelIdOf } from "./plan";

const FILE = { path: "unet/config.json", url: "https://hub.test/c", sizeBytes: 10, sha256: "a".repeat(64) };
const PLAN = { modelId: "m", name: "Model", files: [FILE] };
const REFUSED = expect.objectContaining({ code: "bad-request" });

describe("plans", () => {
  it("[L1] gives the same origin the same id, and others others", () => {
    const hub = { kind: "hub", baseUrl: "https://hub.test", repository: "a/b", revision: "main" } as const;
    expect(modelIdOf(hub)).toBe(modelIdOf({ ...hub }));
    const ids = [
      hub,
      { ...hub, revision: "v2" },
      { ...hub, repository: "a/c" },
      { ...hub, baseUrl: "https://m.test" },
    ];
    expect(new Set(ids.map(modelIdOf)).size).toBe(4);
  });

  it("[L2] takes ordinary paths, with names of any language", () => {
    for (const path of ["model_index.json", "unet/a.safetensors", "a b/ü.json", "..a/.b", "模型/権重.bin"]) {
      expect(() => checkPath(path)).not.toThrow();
    }
  });

  it("[L3] takes no path that leaves its folder or has no name in it, whatever is around it", () => {
    const plain = fc.stringMatching(/^[a-z]{1,5}$/);
    const bad = fc.constantFrom("", ".", "..", "a\\b", "a\u0000", "\u007f", "x".repeat(201));
    fc.assert(
      fc.property(
        fc.array(plain, { maxLength: 3 }),
        bad,
        fc.array(plain, { maxLength: 3 }),
        (before, name, after) => {
          expect(() => checkPath([...before, name, ...after].join("/"))).toThrow(REFUSED);
        },
      ),
    );
    expect(() => checkPath("a/".repeat(16).concat("b"))).toThrow(REFUSED);
  });

  it("[L4] takes each place once, and no file where a folder has to be", () => {
    expect(() => checkPaths(["a", "b/a", "b/c"])).not.toThrow();
    expect(() => checkPaths(["a", "a"])).toThrow(/twice/);
    expect(() => checkPaths(["a/b/c", "a/b"])).toThrow(/a\/b is a file and a folder/);
  });

  it.each([
    [{ sizeBytes: -1 }, /size in bytes, got -1/],
    [{ sizeBytes: 1.5 }, /size in bytes/],
    [{ sizeBytes: 2 ** 53 }, /size in bytes/],
    [{ sha256: "abc" }, /64 hex digits/],
    [{ url: "file:///etc/passwd" }, /https/],
    [{ url: "https://" }, /https/],
  ])("[L5] refuses a file of %j", (change, sentence) => {
    expect(() => checkPlan(PLAN)).not.toThrow();
    expect(() => checkPlan({ ...PLAN, files: [{ ...FILE, ...change }] })).toThrow(sentence);
  });

  it("[L6] refuses a plan without files or without an id", () => {
    expect(() => checkPlan({ ...PLAN, files: [] })).toThrow(REFUSED);
    expect(() => checkPlan({ ...PLAN, modelId: "" })).toThrow(REFUSED);
  });
});
