/** A lost graphics device costs time, and the person is asked only when it is lost again. */

import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../core/failure";
import { failureText } from "../frame/failureText";
import { RECOVERING, statusOf } from "../frame/statusText";
import { type ChosenModel, INITIAL_STATE, situationOf, store } from "../store";
import { FakeClient, MODEL, PROMPT_REPORT, pictureOf, settle } from "../testing";
import * as actions from "./actions";
import * as loading from "./loading";

const GPU = { kind: "webgpu", description: "a GPU, 16-bit", reason: null } as const;
const CPU = { kind: "wasm", description: "processor, 2 threads", reason: null } as const;
const LOST = new Failure("device-lost", "The GPU was lost: no reason was given.");
const FROM_DISK: ChosenModel = {
  source: {
    kind: "chosen",
    name: "mine",
    files: [{ path: "model_index.json", file: new File([], "model_index.json") }],
  },
  name: "mine",
};
let client: FakeClient;

const text = () => statusOf(store.getState())?.text;

async function answerLoad(backend: typeof GPU | typeof CPU = GPU) {
  const call = client.take("load");
  call.resolve({ model: MODEL, backend });
  await settle();
  client.take("inspectPrompt").resolve(PROMPT_REPORT);
  await settle();
  return call.params;
}

async function begin(count: 1 | 4 = 1) {
  actions.changeSettings({ prompt: "a cat", bestOf: count });
  void actions.generate();
  await settle();
  await answerLoad();
}

async function lose() {
  const call = client.take("generate");
  call.reject(LOST);
  await settle();
  return call.params.recipe;
}

async function finish() {
  const { params, resolve } = client.take("generate");
  resolve(pictureOf(params.recipe));
  await settle();
  return params.recipe;
}

beforeEach(async () => {
  // Whatever the test before left running belongs to a worker that is gone; the second death ends what the first began anew.
  client?.die(new Failure("cancelled", "the test is over"));
  client?.die(new Failure("internal", "the test is over"));
  await settle();
  client = new FakeClient();
  loading.connectDrawing(client);
  store.setState(INITIAL_STATE, true);
});

describe("a device that is lost in a picture", () => {
  it("costs a new worker and a load, and the same recipe becomes the picture", async () => {
    await begin();
    const recipe = await lose();
    expect(client.restarts).toBe(1);
    expect(text()).toBe(RECOVERING);
    await answerLoad();
    expect(await finish()).toEqual(recipe);
    expect(store.getState()).toMatchObject({
      run: { status: "done" },
      model: { status: "ready" },
      pictures: [{ recipe }],
    });
  });

  it("is told about with how far the new start is, and progress then begins again", async () => {
    await begin();
    client.take("generate").reject(LOST);
    await settle();
    client.asked[0]?.progress({ stage: "weights", done: 1, total: 4 });
    expect(statusOf(store.getState())).toEqual({ text: RECOVERING, done: 0.25 });
    await answerLoad();
    expect(text()).toBe("Reading the prompt");
  });

  it("is asked about when it is lost again, with both choices", async () => {
    await begin();
    await lose();
    await answerLoad();
    await lose();
    expect(client.restarts).toBe(1);
    expect(store.getState().run).toEqual({
      status: "failed",
      failure: { code: LOST.code, message: LOST.message },
    });
    const { remedies } = failureText("device-lost", situationOf(store.getState()));
    expect(remedies.slice(0, 2)).toEqual(["restart-worker", "use-cpu"]);
  });

  it("leaves the next run its own retry, as when it was lost while nothing was drawn", async () => {
    await begin();
    await finish();
    for (let run = 0; run < 2; run++) {
      void actions.generate();
      await settle();
      await lose();
      await answerLoad();
      await finish();
      expect(store.getState().run.status).toBe("done");
    }
    expect(store.getState().pictures).toHaveLength(3);
  });

  it("keeps the pictures of the set that are done; of one set only one loss is borne", async () => {
    await begin(4);
    const first = await finish();
    const second = await lose();
    await answerLoad();
    expect(await finish()).toEqual(second);
    await lose();
    expect(store.getState().run.status).toBe("failed");
    expect(store.getState().pictures.map(({ recipe }) => recipe)).toEqual([second, first]);
    expect(new Set(store.getState().pictures.map(({ setId }) => setId)).size).toBe(1);
  });

  it("a stop while it starts again stops: the model still comes, and no picture", async () => {
    await begin();
    await lose();
    actions.stop();
    await settle();
    expect(store.getState().run).toEqual({ status: "idle" });
    await answerLoad();
    expect(client.has("generate")).toBe(false);
    expect(store.getState()).toMatchObject({ run: { status: "idle" }, model: { status: "ready" } });
  });

  it("brings back a model that was chosen from the disk from the same files", async () => {
    store.setState({ chosen: FROM_DISK });
    await begin();
    await lose();
    expect((await answerLoad()).source).toBe(FROM_DISK.source);
    await finish();
    expect(store.getState().run.status).toBe("done");
  });

  it("a picture goes on where the model has come to run, be it the CPU", async () => {
    await begin();
    const recipe = await lose();
    await answerLoad(CPU);
    expect(await finish()).toEqual(recipe);
    expect(store.getState().run.status).toBe("done");
  });

  it("what keeps the model from coming back is what the person is told", async () => {
    await begin();
    await lose();
    client.take("load").reject(new Failure("unsupported", "no GPU that it may use"));
    await settle();
    expect(client.has("generate")).toBe(false);
    expect(store.getState().run).toMatchObject({ status: "failed", failure: { code: "unsupported" } });
    void actions.takeRemedy("use-cpu");
    await settle();
    expect((await answerLoad(CPU)).backend).toBe("wasm");
    expect(client.has("generate")).toBe(true);
  });
});

describe("a model that cannot be loaded while somebody waits to draw", () => {
  it("fails the run, and the way that is taken leads to the picture", async () => {
    void actions.generate();
    client.take("load").reject(new Failure("unsupported", "no GPU that it may use"));
    await settle();
    expect(store.getState().run).toMatchObject({ status: "failed", failure: { code: "unsupported" } });
    void actions.takeRemedy("use-cpu");
    await settle();
    await answerLoad(CPU);
    await finish();
    expect(store.getState().run.status).toBe("done");
  });

  it("is no failure any more once another way has brought a model", async () => {
    void actions.generate();
    client.take("load").reject(new Failure("unsupported", "no GPU that it may use"));
    await settle();
    actions.changeSettings({ backend: "wasm" });
    await answerLoad(CPU);
    expect(store.getState()).toMatchObject({ run: { status: "idle" }, model: { status: "ready" } });
  });
});

describe("a worker that dies in a picture", () => {
  it("over a GPU may have died of it, so the picture is tried once more", async () => {
    await begin();
    client.die(new Failure("internal", "the worker is gone"));
    await settle();
    expect(text()).toBe(RECOVERING);
    await answerLoad();
    client.die(new Failure("internal", "the worker is gone"));
    await settle();
    expect(client.restarts).toBe(1);
    expect(store.getState()).toMatchObject({ run: { status: "failed" }, model: { status: "dead" } });
  });
});

describe("a device that is lost while a model loads", () => {
  it("costs a new worker, and the load goes on as if nothing had been", async () => {
    void loading.loadModel();
    client.take("load").reject(LOST);
    await settle();
    expect(client.restarts).toBe(1);
    expect(text()).toBe(RECOVERING);
    await answerLoad();
    expect(store.getState().model.status).toBe("ready");
  });

  it("is asked about when it is lost again", async () => {
    void loading.loadModel();
    for (let time = 0; time < 2; time++) {
      client.take("load").reject(LOST);
      await settle();
    }
    expect(client.has("load")).toBe(false);
    expect(store.getState().model).toMatchObject({ status: "failed", failure: { code: "device-lost" } });
  });

  it("as it is loaded because of a loss in a picture, is the second loss of that run", async () => {
    await begin();
    await lose();
    client.take("load").reject(LOST);
    await settle();
    expect(client.has("load")).toBe(false);
    expect(store.getState().run).toMatchObject({ status: "failed", failure: { code: "device-lost" } });
  });

  it("and is overtaken by another choice, is not asked for again", async () => {
    void loading.loadModel();
    const first = client.take("load");
    actions.changeSettings({ backend: "wasm" });
    first.reject(LOST);
    await settle();
    expect(client.restarts).toBe(0);
    expect((await answerLoad(CPU)).backend).toBe("wasm");
  });
});
