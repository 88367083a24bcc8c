import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../core/failure";
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

/** Gives the picture that the worker was asked for. */
async function give(promptMatch: number | null = null) {
  const call = client.take("generate");
  call.resolve(pictureOf(call.params.recipe, promptMatch));
  await settle();
}

beforeEach(async () => {
  // Whatever the test before left running belongs to a worker that is gone.
  client?.die(new Failure("internal", "the test is over"));
  await settle();
  client = new FakeClient();
  loading.connectDrawing(client);
  store.setState(INITIAL_STATE, true);
});

describe("several pictures at once", () => {
  async function begin(bestOf: 1 | 2 | 4 | 8) {
    await loadTheModel();
    actions.changeSettings({ seed: "10", bestOf });
    void actions.generate();
    await settle();
  }
  const seeds = () => store.getState().pictures.map(({ recipe }) => recipe.seed);
  const shownSeed = () => {
    const { pictures, shownId } = store.getState();
    return pictures.find(({ id }) => id === shownId)?.recipe.seed;
  };

  it("consecutive seeds, one after another, and the best match is on show", async () => {
    await begin(4);
    const asked: bigint[] = [];
    for (const [index, match] of [20, 31, 25, 30].entries()) {
      expect(store.getState().run).toMatchObject({ status: "running", round: { index, count: 4 } });
      const call = client.take("generate");
      expect(client.has("generate")).toBe(false);
      asked.push(call.params.recipe.seed);
      call.resolve(pictureOf(call.params.recipe, match));
      await settle();
    }
    expect(asked).toEqual([10n, 11n, 12n, 13n]);
    expect(seeds()).toEqual([13n, 12n, 11n, 10n]);
    expect(shownSeed()).toBe(11n);
    expect(store.getState().run).toEqual({ status: "done", pictureId: store.getState().shownId });
    expect(new Set(store.getState().pictures.map(({ setId }) => setId)).size).toBe(1);
  });

  it("a stop keeps what is finished and asks for no more", async () => {
    await begin(4);
    await give(20);
    await give(30);
    const third = client.take("generate");
    actions.stop();
    expect(third.signal?.aborted).toBe(true);
    expect(store.getState().run).toMatchObject({ status: "done" });
    third.reject(new Failure("cancelled", "stopped"));
    await settle();
    expect(store.getState().run).toMatchObject({ status: "done" });
    expect(seeds()).toEqual([11n, 10n]);
    expect(shownSeed()).toBe(11n);
    expect(client.has("generate")).toBe(false);
  });

  it("a failure keeps what is finished too", async () => {
    await begin(2);
    await give();
    client.take("generate").reject(new Failure("out-of-memory", "no room"));
    await settle();
    expect(store.getState()).toMatchObject({
      run: { status: "failed" },
      pictures: [{ recipe: { seed: 10n } }],
    });
    expect(shownSeed()).toBe(10n);
  });

  it("a stop in the first picture of a later set leaves the earlier pictures alone, and nothing is done", async () => {
    await begin(2);
    await give();
    await give();
    void actions.generate();
    await settle();
    actions.stop();
    expect(store.getState()).toMatchObject({ run: { status: "idle" } });
    expect(seeds()).toEqual([11n, 10n]);
  });

  it("an example is one picture, however many are drawn otherwise", async () => {
    await loadTheModel();
    actions.changeSettings({ bestOf: 4 });
    void actions.generateExample({ prompt: "a dog", seed: "12" });
    await settle();
    await give();
    expect(store.getState().run.status).toBe("done");
    expect(store.getState().settings.bestOf).toBe(4);
  });
});
