/** Measuring begins when it can, ends when it is told to, and leaves no worker behind. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../core/failure";
import { BENCH_PLANS, type BenchReport } from "../../protocol/bench";
import { INITIAL_STATE, store } from "../store";
import { FakeClient, RECIPE, settle } from "../testing";
import { connectWorker } from "../workers";
import { copyReport, fileNameOf, jsonOf, startBench, stopBench } from "./actions";
import { benchStore } from "./benchStore";

const REPORT = { date: "2026-01-02T03:04:05.678Z", backend: "wasm", model: "m" } as unknown as BenchReport;

let client: FakeClient;

const run = () => benchStore.getState().run;

beforeEach(() => {
  client = new FakeClient();
  connectWorker("bench", client);
  store.setState(INITIAL_STATE);
  benchStore.setState({ plan: "quick", backend: null, run: { status: "idle" } });
});

describe("measuring", () => {
  it("asks for the model that draws, where the settings say or where it was chosen, and how much of it", async () => {
    const source = { kind: "kept", modelId: "m" } as const;
    store.setState({ chosen: { source, name: "m" } });
    void startBench();
    const { params } = client.take("bench");
    expect(params).toEqual({ source, backend: "auto", plan: BENCH_PLANS.quick });
    stopBench();
    benchStore.setState({ backend: "wasm", plan: "whole" });
    void startBench();
    expect(client.take("bench").params).toEqual({ source, backend: "wasm", plan: BENCH_PLANS.whole });
  });

  it("tells how far it is, then what it found, and ends its worker", async () => {
    void startBench();
    const call = client.take("bench");
    expect(run()).toEqual({ status: "running", progress: null });
    const progress = { part: "memory", done: 1, total: 15 } as const;
    call.progress(progress);
    expect(run()).toEqual({ status: "running", progress });
    call.resolve(REPORT);
    await settle();
    expect(run()).toEqual({ status: "done", report: REPORT });
    expect(client.restarts).toBe(1);
  });

  it("a stop counts at once, whatever still comes", async () => {
    void startBench();
    const call = client.take("bench");
    stopBench();
    expect(run()).toEqual({ status: "stopped" });
    expect(client.restarts).toBe(1);
    call.progress({ part: "memory", done: 1, total: 15 });
    call.reject(new Failure("cancelled", "The engine was restarted."));
    await settle();
    expect(run()).toEqual({ status: "stopped" });
    stopBench();
    expect(client.restarts).toBe(1);
  });

  it("one that was begun after a stop is not ended by the one before", async () => {
    void startBench();
    const first = client.take("bench");
    stopBench();
    void startBench();
    const second = client.take("bench");
    first.reject(new Failure("cancelled", "The engine was restarted."));
    await settle();
    expect(client.restarts).toBe(1);
    second.resolve(REPORT);
    await settle();
    expect(run()).toEqual({ status: "done", report: REPORT });
  });

  it("a failure is told with its words, and measuring can begin again", async () => {
    void startBench();
    client.take("bench").reject(new Failure("unsupported", "No GPU."));
    await settle();
    expect(run()).toEqual({ status: "failed", failure: { code: "unsupported", message: "No GPU." } });
    void startBench();
    expect(run()).toMatchObject({ status: "running" });
  });

  it("waits for nobody: while a picture is drawn, it does not begin", async () => {
    const round = { index: 0, count: 1 };
    const drawing = { status: "running", stage: "denoise", step: 1, atMs: 0, stepTimesMs: [] } as const;
    store.setState({ run: { ...drawing, recipe: RECIPE, round, preview: null } });
    await startBench();
    expect(run()).toEqual({ status: "idle" });
  });
});

describe("the file", () => {
  it("is the report as JSON, called by when and on what it was measured", () => {
    expect(JSON.parse(jsonOf(REPORT))).toEqual(REPORT);
    expect(fileNameOf(REPORT)).toBe("afterimage-bench-wasm-2026-01-02-03-04-05.json");
  });

  it.each([true, false])("is copied, or not, and which of both is told: %s", async (isAllowed) => {
    const writeText = vi.fn(async () => {
      if (!isAllowed) throw new Error("no");
    });
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    expect(await copyReport(REPORT)).toBe(isAllowed);
    expect(writeText).toHaveBeenCalledWith(jsonOf(REPORT));
    vi.unstubAllGlobals();
  });
});
