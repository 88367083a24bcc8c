import { beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../core/failure";
import type { FetchPlan, KeptModel } from "../../protocol/library";
import { connectDrawing } from "../drawing/loading";
import { INITIAL_STATE, store } from "../store";
import { FakeClient, MODEL, settle } from "../testing";
import { connectWorker } from "../workers";
import * as actions from "./actions";
import { INITIAL_LIBRARY, libraryStore, modelsOf } from "./libraryStore";

const ORIGIN = { kind: "hub", baseUrl: "https://hub.example", repository: "a/b", revision: "main" } as const;
const PLAN: FetchPlan = {
  modelId: "m",
  name: "b",
  origin: ORIGIN,
  licence: "mit",
  files: [{ path: "x", url: "https://hub.example/x", sizeBytes: 100, sha256: null }],
  totalBytes: 100,
  keptBytes: 0,
};
const KEPT: KeptModel = {
  modelId: "m",
  name: "b",
  origin: ORIGIN,
  licence: "mit",
  state: "ready",
  keptBytes: 100,
  totalBytes: 100,
  files: 1,
  isTinyDecoder: false,
};
const STORAGE = { usedBytes: 100, quotaBytes: 1000, isPersisted: false };
const BACKEND = { kind: "wasm", description: "processor", reason: null } as const;

let library: FakeClient;
let drawing: FakeClient;
const persist = vi.fn(async () => true);

const state = () => libraryStore.getState();

async function list(...models: readonly KeptModel[]) {
  await settle();
  library.take("listModels").resolve({ models, storage: STORAGE });
  await settle();
}

beforeEach(() => {
  persist.mockClear();
  vi.stubGlobal("navigator", { storage: { persist } });
  library = new FakeClient();
  drawing = new FakeClient();
  connectWorker("library", library);
  connectDrawing(drawing);
  libraryStore.setState(INITIAL_LIBRARY, true);
  store.setState(INITIAL_STATE, true);
});

describe("planning", () => {
  it("a plan is asked for before anything is fetched, and a later question overtakes an earlier one", async () => {
    void actions.planModel("field", ORIGIN);
    const first = library.take("planModel");
    void actions.planModel("field", { ...ORIGIN, repository: "a/c" });
    expect(first.signal?.aborted).toBe(true);
    first.resolve({ ...PLAN, name: "too late" });
    await settle();
    expect(state().plans.field).toEqual({ status: "asking" });
    library.take("planModel").resolve(PLAN);
    await settle();
    expect(state().plans.field).toEqual({ status: "here", plan: PLAN });
    expect(library.has("fetchModel")).toBe(false);
  });

  it("a plan that cannot be had says why where it was asked for", async () => {
    void actions.planModel("catalogue x", ORIGIN);
    library.take("planModel").reject(new Failure("model-missing", "no such repository"));
    await settle();
    expect(state().plans["catalogue x"]).toMatchObject({
      status: "failed",
      failure: { message: "no such repository" },
    });
    expect(state().plans.field).toBeUndefined();
  });
});

describe("fetching", () => {
  it("stands in the list from the first moment, tells its progress, and ends as what the library lists", async () => {
    void actions.fetchPlanned("field", PLAN);
    const call = library.take("fetchModel");
    // Asked within the press that says yes to the fetching.
    expect(persist).toHaveBeenCalledOnce();
    expect(modelsOf(state())).toMatchObject([{ modelId: "m", state: "partial" }]);
    const progress = {
      stage: "fetch",
      path: "x",
      doneBytes: 40,
      totalBytes: 100,
      bytesPerSecond: 10,
    } as const;
    call.progress(progress);
    expect(state().tasks["m"]).toEqual({ status: "running", action: "fetch", progress });
    call.resolve(KEPT);
    await list(KEPT);
    expect(state().tasks["m"]).toEqual({ status: "done", action: "fetch" });
    expect(modelsOf(state())).toEqual([KEPT]);
  });

  it("a pause is no failure, and going on plans anew and fetches the same model", async () => {
    void actions.fetchPlanned("field", PLAN);
    const call = library.take("fetchModel");
    actions.stopTask("m");
    expect(call.signal?.aborted).toBe(true);
    call.reject(new Failure("cancelled", "paused"));
    const partial: KeptModel = { ...KEPT, state: "partial", keptBytes: 40 };
    await list(partial);
    expect(state().tasks["m"]).toEqual({ status: "stopped", action: "fetch" });
    expect(modelsOf(state())).toEqual([partial]);
    void actions.resumeModel(partial);
    const again = library.take("planModel");
    expect(again.params).toEqual({ origin: ORIGIN });
    again.resolve({ ...PLAN, keptBytes: 40 });
    await settle();
    library.take("fetchModel").resolve(KEPT);
    await list(KEPT);
    expect(state().tasks["m"]).toEqual({ status: "done", action: "fetch" });
  });

  it("a failure stands at the model it concerns, and what is listed stays listed", async () => {
    void actions.fetchPlanned("field", PLAN);
    library.take("fetchModel").reject(new Failure("storage-full", "no room"));
    await list(KEPT);
    expect(state().tasks["m"]).toEqual({
      status: "failed",
      action: "fetch",
      failure: { code: "storage-full", message: "no room" },
    });
    expect(modelsOf(state())).toEqual([KEPT]);
  });

  it("one model is not fetched twice at once", async () => {
    void actions.fetchPlanned("field", PLAN);
    const call = library.take("fetchModel");
    void actions.resumeModel({ ...KEPT, state: "partial" });
    await settle();
    expect(library.has("planModel")).toBe(false);
    call.resolve(KEPT);
    await list(KEPT);
  });
});

describe("deleting", () => {
  it("the model that draws is deleted only after the bundled model has taken its place", async () => {
    store.setState({
      chosen: { source: { kind: "kept", modelId: "m" }, name: "b" },
      model: { status: "ready", backend: BACKEND },
      modelReport: MODEL,
    });
    void actions.deleteModel({ ...KEPT, modelId: "m" });
    expect(library.has("deleteModel")).toBe(false);
    const load = drawing.take("load");
    expect(load.params.source).toEqual({ kind: "bundled" });
    load.resolve({ model: MODEL, backend: BACKEND });
    await settle();
    library.take("deleteModel").resolve({});
    await list();
    expect(modelsOf(state())).toEqual([]);
    expect(state().tasks["m"]).toBeUndefined();
    expect(store.getState().notices).toContain("model-deleted");
  });
});

describe("the disk", () => {
  it("who closes the picker is told nothing; a folder that is none is told about", async () => {
    await actions.chooseFromDisk(() => Promise.reject(new DOMException("closed", "AbortError")));
    expect(state().disk).toEqual({ status: "empty" });
    await actions.chooseFromDisk(() => Promise.reject(new Failure("bad-request", "no files")));
    expect(state().disk).toMatchObject({ status: "failed", failure: { message: "no files" } });
  });

  it("a copy is in the list while it is made, and under its own id after", async () => {
    const folder = { name: "mine", files: [], totalBytes: 10 };
    void actions.importModel(folder);
    expect(modelsOf(state())).toMatchObject([{ name: "mine", origin: null, state: "partial" }]);
    library.take("importModel").resolve({ ...KEPT, name: "mine", origin: null });
    await list({ ...KEPT, name: "mine", origin: null });
    expect(modelsOf(state()).map(({ modelId }) => modelId)).toEqual(["m"]);
    expect(state().tasks).toEqual({});
  });
});
