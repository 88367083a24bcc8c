/** Rule [TS1]: what is asked for again and again is remembered longest. */

import { expect, it } from "vitest";
import { chooseBackend } from "./device";
import { TextShelf } from "./embeddings";
import { loadNodeEngine } from "./ortNode";

it("[TS1] a text that every picture asks for outlives those that came after it, and one that nobody asks for does not", async () => {
  const engine = loadNodeEngine(1);
  const shelf = new TextShelf(engine.ort, await chooseBackend("wasm", engine));
  const add = (key: string) => {
    const hidden = new engine.ort.Tensor("float32", new Float32Array(2), [1, 1, 2]);
    shelf.add({ hidden, pooled: null }, key).dispose();
  };
  add("no negative prompt");
  add("an old prompt");
  for (let i = 0; i < 20; i++) {
    shelf.recall("no negative prompt")?.dispose();
    add(`prompt ${i}`);
  }
  expect(shelf.recall("no negative prompt")).not.toBeNull();
  expect(shelf.recall("prompt 19")).not.toBeNull();
  expect(shelf.recall("an old prompt")).toBeNull();
  shelf.disposeAll();
});
