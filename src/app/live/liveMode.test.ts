import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GenerateProgress } from "../../protocol/calls";
import * as actions from "../drawing/actions";
import { store } from "../store";
import { type AskedCall, keptPicture, pictureOf } from "../testing";
import { DRAFT, LivePage, pass } from "./testing";

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

function guess(call: AskedCall<"draft" | "generate">, step: number): GenerateProgress {
  const { recipe } = call.params;
  return { stage: "denoise", step, steps: recipe.steps, preview: { step, image: DRAFT.image } };
}

describe("drafts", () => {
  it("[LV1] typing draws by itself, in few steps, once the letters stop coming", async () => {
    actions.changeSettings({ prompt: "a c" });
    await pass(100);
    actions.changeSettings({ prompt: "a cat" });
    await pass(119);
    expect(page.client.has("draft")).toBe(false);
    await pass(1);
    const { recipe } = page.client.take("draft").params;
    expect(recipe).toMatchObject({ prompt: "a cat", steps: 3, sampler: "ddim", guidanceScale: 4 });
    expect(page.client.has("draft")).toBe(false);
  });

  it("[LV2] a knob restarts within one step: the stale draft is cancelled at once, the next asked for in 30 ms", async () => {
    await page.warm();
    actions.changeSettings({ prompt: "a cat" });
    await pass(120);
    const stale = page.client.take("draft");
    actions.changeSettings({ guidanceScale: 6 });
    expect(stale.signal?.aborted).toBe(true);
    await pass(30);
    // It waits in the worker until the step is over: the stale call has not answered yet.
    expect(page.client.take("draft").params.recipe.guidanceScale).toBe(6);
  });

  it("[LV3] one draft at a time, whatever changes", async () => {
    await page.warm();
    const asked: AskedCall<"draft">[] = [];
    for (let guidanceScale = 1; guidanceScale <= 15; guidanceScale += 0.5) {
      actions.changeSettings({ prompt: "a cat", guidanceScale });
      await pass(35);
      while (page.client.has("draft")) asked.push(page.client.take("draft"));
      expect(asked.filter(({ signal }) => signal?.aborted === false).length).toBeLessThanOrEqual(1);
    }
    expect(asked.length).toBeGreaterThan(20);
  });

  it("[LV4] the answer to a stale draft is never shown", async () => {
    actions.changeSettings({ prompt: "a cat" });
    await pass(120);
    const stale = page.client.take("draft");
    actions.changeSettings({ prompt: "a dog" });
    await pass(120);
    const call = page.client.take("draft");
    stale.resolve({ image: { ...DRAFT.image } });
    await pass(0);
    expect(live()?.seen).toBeNull();
    call.resolve(DRAFT);
    await pass(0);
    expect(live()?.seen).toMatchObject({ image: DRAFT.image, share: 1, recipe: { prompt: "a dog" } });
  });

  it("[LV5] guesses count for as much as the way that lies behind them", async () => {
    actions.changeSettings({ prompt: "a cat" });
    await pass(120);
    const call = page.client.take("draft");
    const shares = [1, 2, 3].map((step) => {
      call.progress(guess(call, step));
      return live()?.seen?.share;
    });
    expect(shares).toEqual([0.25, 0.5, 0.75]);
  });

  it("[LV6] while a knob is dragged without a pause, the step that the worker is at is still seen", async () => {
    await page.refined("a cat");
    actions.changeSettings({ guidanceScale: 5 });
    await pass(SOON_MS);
    const stale = page.client.take("draft");
    actions.changeSettings({ guidanceScale: 6 });
    stale.progress(guess(stale, 1));
    expect(live()?.seen?.recipe.guidanceScale).toBe(5);
  });

  it("[LV7] the seed stays: that of the picture on show, or one that is thrown once", async () => {
    const first = (await page.drafted("a cat")).params.recipe.seed;
    const second = (await page.drafted("a dog")).params.recipe.seed;
    expect(second).toBe(first);
    store.setState({ live: null, pictures: [keptPicture(77, 1)], shownId: 77 });
    expect((await page.drafted("a fox")).params.recipe.seed).toBe(77n);
    actions.changeSettings({ seed: "12" });
    await pass(120);
    expect(page.client.take("draft").params.recipe.seed).toBe(12n);
  });

  it("[LV8] as many steps as fit in the time that they were seen to take", async () => {
    await page.warm(60);
    expect((await page.drafted("a dog")).params.recipe.steps).toBe(5);
  });

  it("[LV24] a first step, which may compile shaders for long, comes to its end before it is cancelled; its draft is not shown", async () => {
    actions.changeSettings({ prompt: "a cat" });
    await pass(120);
    const first = page.client.take("draft");
    actions.changeSettings({ prompt: "a dog" });
    await pass(120);
    expect(first.signal?.aborted).toBe(false);
    first.progress(guess(first, 1));
    expect(first.signal?.aborted).toBe(true);
    first.resolve({ image: { ...DRAFT.image } });
    await pass(0);
    expect(live()).toMatchObject({ status: "drawing", seen: { share: 0.25 } });
    page.client.take("draft").resolve(DRAFT);
    await pass(0);
    expect(live()?.seen).toMatchObject({ share: 1, recipe: { prompt: "a dog" } });
  });
});

describe("refining", () => {
  it("[LV9] 600 ms after the last change the whole picture is drawn, once, with the seed of its draft, and kept", async () => {
    const { recipe: draft } = (await page.drafted("a cat")).params;
    await pass(479);
    expect(page.client.has("generate")).toBe(false);
    await pass(1);
    const call = page.client.take("generate");
    expect(call.params.recipe).toEqual({ ...draft, steps: 20 });
    expect(live()?.status).toBe("refining");
    call.resolve(pictureOf(call.params.recipe));
    await pass(5000);
    expect(page.client.asked.map(({ name }) => name)).not.toContain("generate");
    const { pictures, shownId, run } = store.getState();
    expect(pictures.map(({ id, recipe }) => [id, recipe.steps])).toEqual([[shownId, 20]]);
    expect(run).toEqual({ status: "done", pictureId: shownId });
    expect(live()?.status).toBe("refined");
  });

  it("[LV10] drafts are not kept, and have no addresses to give back", async () => {
    const create = vi.spyOn(URL, "createObjectURL");
    for (const prompt of ["a", "a c", "a ca", "a cat"]) await page.drafted(prompt);
    expect(store.getState().pictures).toEqual([]);
    expect(create).not.toHaveBeenCalled();
  });

  it("[LV11] a change while it is drawn cancels it at once, and the draft stays on the stage", async () => {
    await page.warm();
    await page.drafted("a cat");
    await pass(600);
    const stale = page.client.take("generate");
    actions.changeSettings({ guidanceScale: 6 });
    expect(stale.signal?.aborted).toBe(true);
    expect(live()?.seen?.share).toBe(1);
    stale.resolve(pictureOf(stale.params.recipe));
    await pass(SOON_MS);
    expect(store.getState().pictures).toEqual([]);
    expect(page.client.take("draft").params.recipe.guidanceScale).toBe(6);
  });

  it("[LV12] a knob that comes back to where the picture on show was made draws nothing", async () => {
    await page.refined("a cat");
    actions.changeSettings({ guidanceScale: 6 });
    await pass(20);
    actions.changeSettings({ guidanceScale: 4 });
    await pass(2000);
    expect(page.client.has("draft")).toBe(false);
    expect(page.client.has("generate")).toBe(false);
  });
});
