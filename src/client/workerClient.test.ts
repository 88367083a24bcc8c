/** No call to the worker can hang, and nothing is lost silently. */

import { afterEach, expect, it, vi } from "vitest";
import type { Recipe } from "../core/recipe";
import type { ToPage, ToWorker } from "../protocol/calls";
import { WorkerClient } from "./workerClient";

class FakeWorker {
  onmessage?: (event: { data: ToPage }) => void;
  onerror?: (event: { message: string }) => void;
  onmessageerror?: () => void;
  readonly sent: ToWorker[] = [];
  ended = false;
  postMessage(message: ToWorker) {
    this.sent.push(message);
  }
  terminate() {
    this.ended = true;
  }
}

function fake(patience = {}) {
  const workers: FakeWorker[] = [];
  const client = new WorkerClient(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  }, patience);
  const worker = () => {
    const last = workers.at(-1);
    if (!last) throw new Error("no worker yet");
    return last;
  };
  return { client, worker, workers };
}

const recipe: Recipe = {
  prompt: "a fox",
  negativePrompt: "",
  seed: 1n,
  steps: 2,
  guidanceScale: 4,
  guidanceRescale: 0,
  guidanceStart: 0,
  guidanceStop: 1,
  weights: "full",
  sampler: "ddim",
  eta: 0,
  widthPx: 64,
  heightPx: 64,
};
const step = { stage: "denoise", step: 1, steps: 2, preview: null } as const;

afterEach(() => {
  vi.useRealTimers();
});

it("rejects everything in flight when the worker dies, and says so once", async () => {
  const { client, worker } = fake();
  const deaths = vi.fn();
  client.onDeath(deaths);
  const calls = [
    client.call("generate", { recipe, everyWord: false }),
    client.call("inspectPrompt", { text: "a", begun: null, everyWord: false }),
  ];
  worker().onerror?.({ message: "boom" });
  worker().onerror?.({ message: "boom again" });
  await expect(Promise.allSettled(calls)).resolves.toMatchObject([
    { reason: { code: "internal", message: "boom" } },
    { reason: { code: "internal", message: "boom" } },
  ]);
  expect(deaths).toHaveBeenCalledTimes(1);
});

it("keeps the failure code across the wire", async () => {
  const { client, worker } = fake();
  const call = client.call("generate", { recipe, everyWord: false });
  worker().onmessage?.({ data: { type: "failure", id: 0, code: "device-lost", message: "gone" } });
  await expect(call).rejects.toMatchObject({ code: "device-lost", message: "gone" });
});

it("asks the worker to stop when the signal fires, and waits for a slow one as long as it answers", async () => {
  vi.useFakeTimers();
  const { client, worker } = fake({ pingMs: 10, openPings: 10 });
  const abort = new AbortController();
  const call = client.call("generate", { recipe, everyWord: false }, { signal: abort.signal });
  const outcome = expect(call).rejects.toMatchObject({ code: "cancelled", message: "stopped" });
  abort.abort();
  expect(worker().sent.at(-1)).toEqual({ type: "cancel", id: 0 });
  for (let beat = 0; beat < 100; beat++) {
    await vi.advanceTimersByTimeAsync(90);
    worker().onmessage?.({ data: { type: "pong", id: 99 } });
  }
  expect(worker().ended).toBe(false);
  worker().onmessage?.({ data: { type: "failure", id: 0, code: "cancelled", message: "stopped" } });
  await outcome;
});

it("routes progress to the call that asked, then says that it was seen", () => {
  const { client, worker } = fake();
  const onProgress = vi.fn();
  void client.call("generate", { recipe, everyWord: false }, { onProgress });
  worker().onmessage?.({ data: { type: "progress", id: 0, progress: step } });
  expect(onProgress).toHaveBeenCalledWith(step);
  expect(worker().sent.at(-1)).toEqual({ type: "seen", id: 0 });
});

it("refuses calls after the worker died, and calls cancelled before they began", async () => {
  const { client, worker, workers } = fake();
  const cancelled = client.call("generate", { recipe, everyWord: false }, { signal: AbortSignal.abort() });
  await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
  expect(workers).toEqual([]);
  const first = client.call("generate", { recipe, everyWord: false });
  worker().onerror?.({ message: "boom" });
  await expect(first).rejects.toMatchObject({ message: "boom" });
  await expect(client.call("generate", { recipe, everyWord: false })).rejects.toMatchObject({
    message: "boom",
  });
});

it("rejects everything in flight when a message cannot be read", async () => {
  const { client, worker } = fake();
  const call = client.call("generate", { recipe, everyWord: false });
  worker().onmessageerror?.();
  await expect(call).rejects.toMatchObject({ code: "internal" });
});

it("works again after a restart, with a new worker", async () => {
  const { client, worker, workers } = fake();
  const lost = client.call("generate", { recipe, everyWord: false });
  worker().onerror?.({ message: "boom" });
  await expect(lost).rejects.toMatchObject({ code: "internal" });
  client.restart();
  const call = client.call("inspectPrompt", { text: "a fox", begun: null, everyWord: false });
  expect(workers).toHaveLength(2);
  const result = { text: "a fox", tokens: 2, limit: 75, overflow: "", understood: null };
  worker().onmessage?.({ data: { type: "result", id: 1, result } });
  await expect(call).resolves.toEqual(result);
});

it("gives up on a worker that fell silent, but not on one that answers", async () => {
  vi.useFakeTimers();
  const { client, worker } = fake({ pingMs: 10, openPings: 10 });
  const call = client.call("generate", { recipe, everyWord: false });
  const outcome = expect(call).rejects.toMatchObject({ code: "internal" });
  for (let beat = 0; beat < 20; beat++) {
    await vi.advanceTimersByTimeAsync(10);
    worker().onmessage?.({ data: { type: "pong", id: 99 } });
  }
  expect(worker().ended).toBe(false);
  const silent = worker();
  await vi.advanceTimersByTimeAsync(120);
  await outcome;
  expect(silent.ended).toBe(true);
});

it("ignores a late answer to a call that is over", async () => {
  const { client, worker } = fake();
  const call = client.call("generate", { recipe, everyWord: false });
  worker().onmessage?.({ data: { type: "failure", id: 0, code: "cancelled", message: "stopped" } });
  await expect(call).rejects.toMatchObject({ code: "cancelled" });
  expect(() => worker().onmessage?.({ data: { type: "progress", id: 0, progress: step } })).not.toThrow();
});
