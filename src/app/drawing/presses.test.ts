import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../core/failure";
import { INITIAL_STATE, store } from "../store";
import { FakeClient, keptPicture, MODEL, pictureOf, RECIPE, settle } from "../testing";
import * as actions from "./actions";
import * as loading from "./loading";
import { pressSettings, undoPress, undoReplacements, wordsBefore } from "./presses";

let client: FakeClient;

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

describe("an example", () => {
  it("is drawn with its own seed, which nothing that follows keeps; a press takes it back whole", async () => {
    await loadTheModel();
    actions.changeSettings({ prompt: "my own", negativePrompt: "fog", seed: "5", steps: 9 });
    void actions.generateExample({ prompt: "a dog", seed: "12" });
    await settle();
    const call = client.take("generate");
    expect(call.params.recipe).toMatchObject({ prompt: "a dog", negativePrompt: "", seed: 12n, steps: 20 });
    call.resolve(pictureOf(call.params.recipe));
    await settle();
    expect(store.getState().settings).toMatchObject({ prompt: "a dog", seed: null });
    expect(undoPress()).toBe(true);
    const before = { prompt: "my own", negativePrompt: "fog", seed: "5", steps: 9 };
    expect(store.getState().settings).toMatchObject(before);
  });
});

describe("another", () => {
  it("is of the picture on show, whatever stands in the box, with a seed that nobody chose", async () => {
    await loadTheModel();
    store.setState({ pictures: [keptPicture(3, 1)], shownId: 3 });
    actions.changeSettings({ prompt: "a zebra", steps: 2, seed: "3" });
    void actions.generateAnother();
    await settle();
    const { recipe, everyWord } = client.take("generate").params;
    expect(recipe).toEqual({ ...RECIPE, seed: recipe.seed });
    expect(recipe.seed).not.toBe(3n);
    expect(everyWord).toBe(true);
    expect(store.getState().settings.prompt).toBe("a zebra");
  });

  it("of a prompt that was not sent whole is understood anew from what was typed", async () => {
    await loadTheModel();
    const kept = keptPicture(3, 1);
    store.setState({ pictures: [{ ...kept, recipe: { ...kept.recipe, typed: "a cat, 8k" } }], shownId: 3 });
    void actions.generateAnother();
    await settle();
    const { recipe, everyWord } = client.take("generate").params;
    expect(recipe).toMatchObject({ prompt: "a cat, 8k" });
    expect(recipe.typed).toBeUndefined();
    expect(everyWord).toBe(false);
  });

  it("of another model's picture takes its words alone", async () => {
    await loadTheModel();
    const kept = keptPicture(3, 1);
    store.setState({ pictures: [{ ...kept, model: { name: "other", promptMatch: null } }], shownId: 3 });
    actions.changeSettings({ prompt: "a zebra", steps: 2 });
    void actions.generateAnother();
    await settle();
    expect(client.take("generate").params.recipe).toMatchObject({ prompt: "a cat", steps: 2 });
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
