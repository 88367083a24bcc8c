import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../core/failure";
import * as actions from "../drawing/actions";
import { store } from "../store";
import { keptPicture, MODEL, pictureOf } from "../testing";
import { stopLive } from "./liveMode";
import { BACKEND, DRAFT, LivePage, pass } from "./testing";

/** Longer than any delay for knobs, and shorter than any idleness. */
const SOON_MS = 40;
const live = () => store.getState().live;

let page: LivePage;

beforeEach(async () => {
  page = await LivePage.open();
});

afterEach(async () => {
  await page.close();
  vi.restoreAllMocks();
});

describe("when nothing is drawn", () => {
  it("[LV13] the prompt is empty, the model is loading, or live mode is off", async () => {
    actions.changeSettings({ guidanceScale: 6 });
    await pass(1000);
    expect(page.client.has("draft")).toBe(false);
    actions.changeSettings({ isLive: false, prompt: "a cat" });
    await pass(1000);
    expect(page.client.has("draft")).toBe(false);
    actions.changeSettings({ backend: "wasm" });
    actions.changeSettings({ isLive: true });
    await pass(1000);
    expect(page.client.has("draft")).toBe(false);
    page.client.take("load").resolve({ model: MODEL, backend: BACKEND });
    await pass(SOON_MS);
    expect(page.client.has("draft")).toBe(true);
  });

  it("[LV14] the tab is hidden: what was under way is cancelled, and comes when somebody looks again", async () => {
    await page.warm();
    actions.changeSettings({ prompt: "a cat" });
    await pass(120);
    const hidden = page.client.take("draft");
    page.tab.setHidden(true);
    expect(hidden.signal?.aborted).toBe(true);
    await pass(5000);
    expect(page.client.has("draft")).toBe(false);
    page.tab.setHidden(false);
    await pass(0);
    expect(page.client.take("draft").params.recipe.prompt).toBe("a cat");
  });

  it("[LV15] a model that was not measured, or is slow, is not drawn with live", async () => {
    store.setState({ chosen: { source: { kind: "kept", modelId: "big" }, name: "Big" } });
    actions.changeSettings({ prompt: "a cat" });
    await pass(1000);
    expect(page.client.has("draft")).toBe(false);
    const slow = { ...keptPicture(1, 1), timingsMs: { encode: 1, denoise: 80_000, decode: 900 } };
    store.setState({ pictures: [slow], shownId: 1 });
    actions.changeSettings({ prompt: "a dog" });
    await pass(1000);
    expect(page.client.has("draft")).toBe(false);
    store.setState({ pictures: [{ ...slow, timingsMs: { encode: 1, denoise: 2000, decode: 100 } }] });
    actions.changeSettings({ prompt: "a fox" });
    await pass(120);
    expect(page.client.has("draft")).toBe(true);
  });
});

describe("what a person does beside it", () => {
  it("[LV16] Generate draws the picture of the draft now, and live mode leaves the worker to it", async () => {
    const { seed } = (await page.drafted("a cat")).params.recipe;
    void actions.generate();
    await pass(2000);
    const call = page.client.take("generate");
    expect(call.params.recipe).toMatchObject({ seed, steps: 20 });
    expect(page.client.has("generate")).toBe(false);
    call.resolve(pictureOf(call.params.recipe));
    await pass(5000);
    expect(page.client.has("generate")).toBe(false);
    expect(live()?.status).toBe("refined");
  });

  it("[LV17] what is changed while a picture is drawn is drafted when that is done", async () => {
    actions.changeSettings({ prompt: "a cat" });
    void actions.generate();
    await pass(0);
    actions.changeSettings({ prompt: "a dog" });
    await pass(1000);
    expect(page.client.has("draft")).toBe(false);
    const call = page.client.take("generate");
    expect(call.signal?.aborted).toBe(false);
    call.resolve(pictureOf(call.params.recipe));
    await pass(0);
    expect(page.client.take("draft").params.recipe.prompt).toBe("a dog");
  });

  it("[LV18] a stop stops, until the next change; what is on the stage stays", async () => {
    await page.drafted("a cat");
    stopLive();
    await pass(5000);
    expect(page.client.has("generate")).toBe(false);
    expect(live()).toMatchObject({ status: "drawn", seen: { share: 1 } });
    actions.changeSettings({ guidanceScale: 6 });
    await pass(SOON_MS);
    expect(page.client.has("draft")).toBe(true);
  });

  it("[LV19] who looks at another picture is left to look", async () => {
    await page.refined("a cat");
    await page.drafted("a dog");
    actions.showPicture(store.getState().shownId ?? 0);
    expect(live()).toBeNull();
    await pass(5000);
    expect(page.client.has("generate")).toBe(false);
  });
});

describe("failures", () => {
  const fail = async (prompt: string) => {
    actions.changeSettings({ prompt });
    await pass(120);
    page.client.take("draft").reject(new Failure("out-of-memory", "wanted 2 GB"));
    await pass(0);
  };

  it("[LV20] are said once, not at every letter", async () => {
    await fail("a");
    const { run } = store.getState();
    expect(run).toEqual({ status: "failed", failure: { code: "out-of-memory", message: "wanted 2 GB" } });
    await fail("a c");
    expect(store.getState().run).toBe(run);
    expect(live()).toBeNull();
  });

  it("[LV21] go away with the first draft that succeeds", async () => {
    await fail("a");
    await page.drafted("a cat");
    expect(store.getState().run.status).toBe("idle");
  });

  it("[LV22] a lost graphics device is made up for, and the draft comes", async () => {
    actions.changeSettings({ prompt: "a cat" });
    await pass(120);
    page.client.take("draft").reject(new Failure("device-lost", "gone"));
    await pass(0);
    expect(store.getState().model.status).toBe("recovering");
    page.client.take("load").resolve({ model: MODEL, backend: BACKEND });
    await pass(0);
    page.client.take("draft").resolve(DRAFT);
    await pass(0);
    expect(live()?.seen?.share).toBe(1);
  });

  it("[LV23] a worker that cannot be had again ends it with one sentence, whatever is typed", async () => {
    actions.changeSettings({ prompt: "a cat" });
    await pass(120);
    page.client.die(new Failure("internal", "the worker is gone"));
    await pass(0);
    actions.changeSettings({ prompt: "a dog" });
    await pass(5000);
    expect(store.getState().model.status).toBe("dead");
    expect(page.client.has("draft")).toBe(false);
  });
});
