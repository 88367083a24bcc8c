import { beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../core/failure";
import { DEFAULT_SETTINGS } from "../../storage/settings";
import { INITIAL_STATE, store } from "../store";
import { FakeClient, MODEL, PROMPT_REPORT, pictureOf, settle } from "../testing";
import * as actions from "./actions";
import * as loading from "./loading";

const BACKEND = { kind: "wasm", description: "processor, 2 threads", reason: null } as const;
let client: FakeClient;

async function loadTheModel() {
  void loading.loadModel();
  client.take("load").resolve({ model: MODEL, backend: BACKEND });
  await settle();
  client.take("inspectPrompt").resolve(PROMPT_REPORT);
  await settle();
}

async function drawOne(seed: string) {
  actions.changeSettings({ seed });
  void actions.generate();
  await settle();
  const call = client.take("generate");
  call.resolve(pictureOf(call.params.recipe));
  await settle();
}

beforeEach(async () => {
  // Whatever the test before left running belongs to a worker that is gone.
  client?.die(new Failure("internal", "the test is over"));
  await settle();
  vi.restoreAllMocks();
  client = new FakeClient();
  loading.connectDrawing(client);
  store.setState(INITIAL_STATE, true);
});

describe("loading", () => {
  it("shows bytes as they arrive, then the model and what it runs on", async () => {
    void loading.loadModel();
    const call = client.take("load");
    call.progress({ stage: "weights", done: 43, total: 100 });
    expect(store.getState().model).toEqual({
      status: "loading",
      progress: { stage: "weights", done: 43, total: 100 },
    });
    call.resolve({ model: MODEL, backend: BACKEND });
    await settle();
    expect(store.getState()).toMatchObject({
      model: { status: "ready", backend: BACKEND },
      modelReport: MODEL,
    });
  });

  it("is asked for once, however often it is called for", async () => {
    void loading.loadModel();
    void loading.loadModel();
    void actions.generate();
    await settle();
    client.take("load");
    expect(client.has("load")).toBe(false);
  });

  it("a choice of backend loads again, and the load it overtakes says nothing more", async () => {
    void loading.loadModel();
    const first = client.take("load");
    actions.changeSettings({ backend: "wasm" });
    const second = client.take("load");
    expect(second.params.backend).toBe("wasm");
    first.reject(new Failure("internal", "too late"));
    await settle();
    expect(store.getState().model.status).toBe("loading");
    second.resolve({ model: MODEL, backend: BACKEND });
    await settle();
    expect(store.getState().model.status).toBe("ready");
  });

  it("a failure is shown, and the next call for the model tries again", async () => {
    void loading.loadModel();
    client.take("load").reject(new Failure("model-missing", "no such file"));
    await settle();
    expect(store.getState().model).toEqual({
      status: "failed",
      failure: { code: "model-missing", message: "no such file" },
    });
    await Promise.race([actions.takeRemedy("retry"), settle()]);
    expect(client.has("load")).toBe(true);
  });
});

describe("generating", () => {
  it("pressed early, it waits for the model and then makes the picture", async () => {
    actions.changeSettings({ prompt: "a cat", seed: "18446744073709551615" });
    void actions.generate();
    expect(store.getState().run.status).toBe("waiting");
    await loadTheModelThatIsAsked();
    const { recipe } = client.take("generate").params;
    expect(recipe).toMatchObject({ prompt: "a cat", seed: 2n ** 64n - 1n, steps: 20, widthPx: 128 });
  });

  async function loadTheModelThatIsAsked() {
    await settle();
    client.take("load").resolve({ model: MODEL, backend: BACKEND });
    await settle();
  }

  it("a second press while one is in the making does nothing", async () => {
    await loadTheModel();
    void actions.generate();
    void actions.generate();
    await settle();
    client.take("generate");
    expect(client.has("generate")).toBe(false);
  });

  it("a random seed differs from picture to picture, and the recipe names it", async () => {
    await loadTheModel();
    const seeds = new Set<bigint>();
    for (let i = 0; i < 4; i++) {
      void actions.generate();
      await settle();
      const call = client.take("generate");
      seeds.add(call.params.recipe.seed);
      call.resolve(pictureOf(call.params.recipe));
      await settle();
    }
    expect(seeds.size).toBe(4);
    expect(store.getState().settings.seed).toBeNull();
  });

  it("stop shows at once, reaches the worker, and nothing of the run comes after", async () => {
    await loadTheModel();
    void actions.generate();
    await settle();
    const call = client.take("generate");
    actions.stop();
    expect(call.signal?.aborted).toBe(true);
    expect(store.getState().run).toEqual({ status: "idle" });
    call.progress({ stage: "denoise", step: 3, steps: 20, preview: null });
    call.reject(new Failure("cancelled", "stopped"));
    await settle();
    expect(store.getState().run).toEqual({ status: "idle" });
  });

  it("stop while the model loads leaves the loading alone", async () => {
    void actions.generate();
    await settle();
    actions.stop();
    client.take("load").resolve({ model: MODEL, backend: BACKEND });
    await settle();
    expect(client.has("generate")).toBe(false);
    expect(store.getState()).toMatchObject({ run: { status: "idle" }, model: { status: "ready" } });
  });

  it("the answer to a stopped run does not end the run that follows it", async () => {
    await loadTheModel();
    void actions.generate();
    await settle();
    const first = client.take("generate");
    actions.stop();
    void actions.generate();
    await settle();
    first.reject(new Failure("cancelled", "stopped"));
    await settle();
    expect(store.getState().run.status).toBe("running");
  });

  it("a failure keeps its code and its sentence", async () => {
    await loadTheModel();
    void actions.generate();
    await settle();
    client.take("generate").reject(new Failure("out-of-memory", "wanted 2 GB"));
    await settle();
    const failure = { code: "out-of-memory", message: "wanted 2 GB" };
    expect(store.getState().run).toEqual({ status: "failed", failure });
  });

  it("an example brings prompt and seed, and leaves none of the choices that would change its picture", async () => {
    await loadTheModel();
    actions.changeSettings({ steps: 3, negativePrompt: "fog", shape: "small" });
    void actions.generateExample({ prompt: "a dog", seed: "12" });
    await settle();
    const { recipe } = client.take("generate").params;
    expect(recipe).toMatchObject({ prompt: "a dog", negativePrompt: "", seed: 12n, steps: 20, widthPx: 128 });
  });
});

describe("pictures", () => {
  it("eight are kept, newest first, and the address of the one that goes is given back", async () => {
    const revoke = vi.spyOn(URL, "revokeObjectURL");
    await loadTheModel();
    await drawOne("0");
    const first = store.getState().pictures[0]?.url;
    for (let seed = 1; seed <= 7; seed++) await drawOne(String(seed));
    expect(revoke).not.toHaveBeenCalled();
    await drawOne("8");
    expect(revoke.mock.calls).toEqual([[first]]);
    expect(store.getState().pictures.map(({ recipe }) => recipe.seed)).toEqual([
      8n,
      7n,
      6n,
      5n,
      4n,
      3n,
      2n,
      1n,
    ]);
    expect(store.getState().shownId).toBe(store.getState().pictures[0]?.id);
  });
});

describe("a dead worker", () => {
  it("fails the run, offers a restart, and the restart loads and makes the picture again", async () => {
    await loadTheModel();
    void actions.generate();
    await settle();
    client.die(new Failure("internal", "the worker is gone"));
    await settle();
    expect(store.getState()).toMatchObject({ model: { status: "dead" }, run: { status: "failed" } });
    void actions.takeRemedy("restart-worker");
    expect(client.restarts).toBe(1);
    client.take("load").resolve({ model: MODEL, backend: BACKEND });
    await settle();
    expect(client.has("generate")).toBe(true);
  });

  it("the CPU is a way out too, and starts a new worker for it", async () => {
    await loadTheModel();
    client.die(new Failure("device-lost", "gone"));
    void actions.takeRemedy("use-cpu");
    await settle();
    expect(client.restarts).toBe(1);
    expect(client.take("load").params.backend).toBe("wasm");
  });
});

describe("the prompt", () => {
  it("of two questions only the newer one's answer counts", async () => {
    await loadTheModel();
    actions.changeSettings({ prompt: "a" });
    const older = client.take("inspectPrompt");
    actions.changeSettings({ prompt: "a dragon" });
    const newer = client.take("inspectPrompt");
    newer.resolve({ ...PROMPT_REPORT, text: "a dragon" });
    older.resolve(PROMPT_REPORT);
    await settle();
    expect(older.signal?.aborted).toBe(true);
    expect(store.getState().promptReport?.text).toBe("a dragon");
  });

  it("going back to the model's own settings leaves prompt and theme alone", () => {
    actions.changeSettings({ prompt: "a cat", theme: "dark", steps: 9, seed: "1", sampler: "lcm" });
    actions.resetChoices();
    expect(store.getState().settings).toEqual({ ...DEFAULT_SETTINGS, prompt: "a cat", theme: "dark" });
  });
});
