import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../core/failure";
import { INITIAL_STATE, store } from "../store";
import { FakeClient, MODEL } from "../testing";
import * as actions from "./actions";
import * as loading from "./loading";
import { pressSettings, undoPress, undoReplacements, wordsBefore } from "./presses";

let client: FakeClient;

/** Lets every promise that can settle do so. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

async function loadTheModel() {
  void loading.loadModel();
  const backend = { kind: "wasm", description: "processor, 2 threads", reason: null } as const;
  client.take("load").resolve({ model: MODEL, backend });
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

describe("words that the model does not know", () => {
  it("are sent with the picture's own question whether to send them", async () => {
    await loadTheModel();
    actions.changeSettings({ prompt: "a zebra", isEveryWordSent: true });
    void actions.generate();
    await settle();
    expect(client.take("generate").params).toMatchObject({ recipe: { prompt: "a zebra" }, everyWord: true });
  });

  it("a prompt of them alone is no failed run, and is remembered until it is asked for again", async () => {
    await loadTheModel();
    actions.changeSettings({ prompt: "a zebra" });
    void actions.generate();
    await settle();
    client.take("generate").reject(new Failure("nothing-known", 'Of "a zebra" nothing is known.'));
    await settle();
    expect(store.getState()).toMatchObject({ run: { status: "idle" }, unknownPrompt: "a zebra" });
    void actions.generate();
    expect(store.getState().unknownPrompt).toBeNull();
  });

  it("an empty box is filled with an idea, which a press takes back", async () => {
    await loadTheModel();
    void actions.generate();
    await settle();
    expect(client.take("generate").params.recipe.prompt).toBe("a cat");
    expect(store.getState().settings.prompt).toBe("a cat");
    expect(undoPress()).toBe(true);
    expect(store.getState().settings.prompt).toBe("");
  });
});

describe("presses", () => {
  it("are taken back one by one; what was changed since, and is none of theirs, stays", () => {
    actions.changeSettings({ prompt: "my own", steps: 9, theme: "dark" });
    pressSettings({ prompt: "one" }, true);
    pressSettings({ prompt: "two", steps: null }, true);
    actions.changeSettings({ theme: "light" });
    expect(wordsBefore(store.getState())).toBe("my own");
    expect(undoPress()).toBe(true);
    expect(store.getState().settings).toMatchObject({ prompt: "one", steps: 9, theme: "light" });
    expect(undoPress()).toBe(true);
    expect(store.getState().settings.prompt).toBe("my own");
    expect(undoPress()).toBe(false);
  });

  it("after an edit the edit comes first", () => {
    pressSettings({ prompt: "one" }, true);
    actions.changeSettings({ prompt: "one and more" });
    expect(undoPress()).toBe(false);
    actions.changeSettings({ prompt: "one" });
    expect(undoPress()).toBe(true);
  });

  it("the words that a person wrote come back in one go, past all replacements and no further", () => {
    pressSettings({ prompt: "an idea" }, true);
    pressSettings({ prompt: "an idea dog" }, false);
    pressSettings({ prompt: "one" }, true);
    pressSettings({ prompt: "two" }, true);
    expect(wordsBefore(store.getState())).toBe("an idea dog");
    undoReplacements();
    expect(store.getState().settings.prompt).toBe("an idea dog");
    expect(wordsBefore(store.getState())).toBeNull();
  });
});
