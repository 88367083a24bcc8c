import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../core/failure";
import { BUNDLED, type ChosenModel, INITIAL_STATE, store } from "../store";
import { FakeClient, MODEL, PROMPT_REPORT, pictureOf, settle } from "../testing";
import { changeSettings, generate } from "./actions";
import * as loading from "./loading";

const BACKEND = { kind: "wasm", description: "processor, 2 threads", reason: null } as const;
const KEPT: ChosenModel = { source: { kind: "kept", modelId: "m" }, name: "Other" };
const OTHER = { ...MODEL, name: "Other", vocabulary: null, examples: [] };
let client: FakeClient;

const settings = () => store.getState().settings;

async function answerLoad(model = MODEL) {
  const call = client.take("load");
  call.resolve({ model, backend: BACKEND });
  await settle();
  client.take("inspectPrompt").resolve(PROMPT_REPORT);
  await settle();
  return call.params.source;
}

beforeEach(async () => {
  client?.die(new Failure("internal", "the test is over"));
  await settle();
  client = new FakeClient();
  loading.connectDrawing(client);
  store.setState(INITIAL_STATE, true);
});

describe("going over to another model", () => {
  it("its own defaults hold, words and seed stay, and it is remembered", async () => {
    void loading.loadModel();
    await answerLoad();
    changeSettings({
      prompt: "a cat",
      seed: "7",
      steps: 3,
      guidanceScale: 9,
      sampler: "ddpm",
      shape: "small",
    });
    void loading.drawWith(KEPT);
    expect(store.getState()).toMatchObject({ modelReport: null, promptReport: null, chosen: KEPT });
    expect(settings()).toMatchObject({ keptModelId: "m", isModelOpening: true });
    expect(await answerLoad(OTHER)).toEqual(KEPT.source);
    expect(settings()).toMatchObject({
      ...{ prompt: "a cat", seed: "7", steps: null, guidanceScale: null, sampler: null, shape: "native" },
      ...{ keptModelId: "m", isModelOpening: false },
    });
    expect(store.getState()).toMatchObject({ modelReport: OTHER, bundledReport: MODEL });
  });

  it("a load that is overtaken is stopped, and what it brings is not taken", async () => {
    void loading.loadModel();
    const first = client.take("load");
    void loading.drawWith(KEPT);
    expect(first.signal?.aborted).toBe(true);
    first.resolve({ model: MODEL, backend: BACKEND });
    await settle();
    expect(store.getState()).toMatchObject({ model: { status: "loading" }, modelReport: null });
    await answerLoad(OTHER);
    expect(store.getState().modelReport).toBe(OTHER);
  });

  it("a picture in the making keeps its model", async () => {
    void loading.loadModel();
    await answerLoad();
    void generate();
    await settle();
    const drawing = client.take("generate");
    await loading.drawWith(KEPT);
    expect(client.has("load")).toBe(false);
    drawing.resolve(pictureOf(drawing.params.recipe));
    await settle();
    expect(store.getState().pictures[0]?.model).toEqual({ name: MODEL.name, promptMatch: null });
    void loading.drawWith(KEPT);
    expect(client.has("load")).toBe(true);
  });

  it("one that cannot be opened says so, and is tried again when it is asked for again", async () => {
    void loading.drawWith(KEPT);
    client.take("load").reject(new Failure("unsupported", "an unknown U-Net"));
    await settle();
    expect(store.getState()).toMatchObject({ chosen: KEPT, model: { status: "failed" } });
    expect(settings()).toMatchObject({ isModelOpening: false });
    void loading.drawWith(KEPT);
    expect(await answerLoad(OTHER)).toEqual(KEPT.source);
  });

  it("one that cannot be opened leaves the one before, as it was set, and says why", async () => {
    void loading.loadModel();
    await answerLoad();
    changeSettings({ steps: 3, shape: "small" });
    void loading.drawWith(KEPT);
    client.take("load").reject(new Failure("model-corrupt", "no whole file"));
    await settle();
    expect(await answerLoad()).toEqual({ kind: "bundled" });
    expect(store.getState()).toMatchObject({
      chosen: BUNDLED,
      model: { status: "ready" },
      modelReport: MODEL,
      refused: { chosen: KEPT, failure: { code: "model-corrupt", message: "no whole file" } },
      notices: ["model-refused"],
    });
    expect(settings()).toMatchObject({ steps: 3, shape: "small", keptModelId: null });
    void loading.drawWith(KEPT);
    expect(store.getState()).toMatchObject({ refused: null, notices: [] });
    expect(await answerLoad(OTHER)).toEqual(KEPT.source);
  });

  it("the one before that cannot be opened again either is a failure, and nothing is tried for ever", async () => {
    void loading.loadModel();
    await answerLoad();
    void loading.drawWith(KEPT);
    client.take("load").reject(new Failure("out-of-memory", "too large"));
    await settle();
    client.take("load").reject(new Failure("out-of-memory", "still"));
    await settle();
    expect(client.has("load")).toBe(false);
    expect(store.getState().model).toMatchObject({ status: "failed", failure: { message: "still" } });
  });

  it("back at the bundled model, the next visit begins there too", async () => {
    void loading.drawWith(KEPT);
    await answerLoad(OTHER);
    void loading.drawWith(BUNDLED);
    expect(await answerLoad()).toEqual({ kind: "bundled" });
    expect(settings().keptModelId).toBeNull();
  });
});

describe("the next visit", () => {
  it("begins with the model of the last one", async () => {
    changeSettings({ keptModelId: "m", steps: 9 });
    void loading.openLastModel();
    expect(await answerLoad(OTHER)).toEqual(KEPT.source);
    expect(settings()).toMatchObject({ keptModelId: "m", steps: 9 });
    expect(store.getState().notices).toEqual([]);
  });

  it("begins with the bundled model if that cannot be opened, and who waits to draw draws with it", async () => {
    changeSettings({ keptModelId: "m", prompt: "a cat" });
    void loading.openLastModel();
    void generate();
    client.take("load").reject(new Failure("model-missing", "it is gone"));
    await settle();
    const call = client.take("load");
    expect(call.params.source).toEqual({ kind: "bundled" });
    call.resolve({ model: MODEL, backend: BACKEND });
    await settle();
    expect(client.has("generate")).toBe(true);
    expect(settings().keptModelId).toBeNull();
    expect(store.getState().notices).toEqual(["model-gone"]);
  });

  it("does not try again what the last one did not live through", async () => {
    changeSettings({ keptModelId: "m", isModelOpening: true });
    void loading.openLastModel();
    expect(await answerLoad()).toEqual({ kind: "bundled" });
    expect(settings()).toMatchObject({ keptModelId: null, isModelOpening: false });
    expect(store.getState().notices).toEqual(["model-unfinished"]);
  });
});
