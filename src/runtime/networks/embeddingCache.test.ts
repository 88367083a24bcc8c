/** The cache of texts is an LRU: what is asked for again stays longest. */

import { expect, it } from "vitest";
import { chooseBackend } from "../device/device";
import { loadNodeEngine } from "../ort/nodeEngine";
import { EmbeddingCache } from "./embeddingCache";

it("a text that every picture asks for outlives those that came after it, and one that nobody asks for does not", async () => {
  const engine = loadNodeEngine(1);
  const cache = new EmbeddingCache(engine.ort, await chooseBackend("wasm", engine));
  const add = (key: string) => {
    const hidden = new engine.ort.Tensor("float32", new Float32Array(2), [1, 1, 2]);
    cache.add({ hidden, pooled: null }, key).dispose();
  };
  add("no negative prompt");
  add("an old prompt");
  for (let i = 0; i < 20; i++) {
    cache.recall("no negative prompt")?.dispose();
    add(`prompt ${i}`);
  }
  expect(cache.recall("no negative prompt")).not.toBeNull();
  expect(cache.recall("prompt 19")).not.toBeNull();
  expect(cache.recall("an old prompt")).toBeNull();
  cache.disposeAll();
});
