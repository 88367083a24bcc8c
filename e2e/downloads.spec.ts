/** The library of models in a real browser with a real disk, against a host that misbehaves: "ready" always means that every byte is right. */

import { expect } from "@playwright/test";
import { test } from "./downloads/bench";

test("[L1] a good host: everything is fetched once, counted, and ready", async ({ bench }) => {
  const offer = bench.offer();
  const { models, failure, progress } = await bench.fetch(offer);
  expect(failure).toBeUndefined();
  expect(models).toMatchObject([{ state: "ready" }]);
  await bench.expectReady(offer);
  expect(bench.ranges()).toEqual([null]);
  expect(progress.at(-1)).toMatchObject({ stage: "fetch", doneBytes: offer.plan.totalBytes });
});
