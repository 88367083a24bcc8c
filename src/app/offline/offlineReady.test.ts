import { beforeEach, expect, it } from "vitest";
import { Failure } from "../../core/failure";
import { connectDrawing, forgetLoad, loadModel } from "../drawing/loading";
import { INITIAL_STATE, store } from "../store";
import { FakeClient, MODEL, settle } from "../testing";
import { watchOffline } from "./offlineReady";

const BACKEND = { kind: "wasm", description: "processor, 2 threads", reason: null } as const;
let client: FakeClient;

const notices = () => store.getState().notices;

async function loaded() {
  void loadModel();
  client.take("load").resolve({ model: MODEL, backend: BACKEND });
  await settle();
}

beforeEach(() => {
  client = new FakeClient();
  forgetLoad();
  store.setState(INITIAL_STATE, true);
  connectDrawing(client);
});

it("a page that is kept is not enough: engine and model must be", async () => {
  watchOffline();
  await settle();
  expect(client.has("isKeptOffline")).toBe(false);
  await loaded();
  expect(notices()).toEqual([]);
  client.take("isKeptOffline").resolve({ isKept: true });
  await settle();
  expect(notices()).toEqual(["offline-ready"]);
});

it("a model that was ready before the page was kept is asked about at once", async () => {
  await loaded();
  expect(client.has("isKeptOffline")).toBe(false);
  watchOffline();
  client.take("isKeptOffline").resolve({ isKept: true });
  await settle();
  expect(notices()).toEqual(["offline-ready"]);
});

it.each([
  ["not kept", (call: ReturnType<typeof taken>) => call.resolve({ isKept: false })],
  ["not known", (call: ReturnType<typeof taken>) => call.reject(new Failure("internal", "no answer"))],
])("what is %s is not promised", async (_, answer) => {
  watchOffline();
  await loaded();
  answer(taken());
  await settle();
  expect(notices()).toEqual([]);
});

const taken = () => client.take("isKeptOffline");
