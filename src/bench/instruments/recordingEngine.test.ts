/** The seam of the benchmark: every run is told, can be made again, and nothing else changes. */

import { afterEach, expect, it, vi } from "vitest";
import { drawn } from "../drawn";
import { recipeOf } from "../subject";
import { openSmall, quiet, runClock } from "../testing";
import { type Call, listening, recordingEngine, repeat } from "./recordingEngine";
import { switched } from "./switched";

afterEach(() => vi.restoreAllMocks());

it("tells each run by its network's name, while it is listened to", async () => {
  const subject = await openSmall();
  const calls: string[] = [];
  const draw = (seed: number) => drawn(recipeOf(subject.model, seed), subject, quiet({ now: () => 0 }));
  await draw(1);
  await listening(
    subject.recorder,
    ({ network }, run) => {
      calls.push(network);
      return run();
    },
    () => draw(2),
  );
  await draw(3);
  expect(calls).toEqual(["text_encoder", "unet", "unet", "unet", "vae_decoder", "prompt_match"]);
  await subject.networks.dispose();
});

it("a call that is made again takes the same inputs, and gives its outputs back", async () => {
  const subject = await openSmall();
  const calls: Call[] = [];
  const { runs } = runClock();
  const dispose = vi.spyOn(subject.recorder.engine.ort.Tensor.prototype, "dispose");
  subject.recorder.listen(async (call, run) => {
    calls.push(call);
    const outputs = await run();
    const before = dispose.mock.calls.length;
    await repeat(call);
    expect(dispose.mock.calls.length - before).toBe(Object.keys(outputs).length);
    return outputs;
  });
  await drawn(recipeOf(subject.model, 1), subject, quiet({ now: () => 0 }));
  expect(runs).toHaveLength(2 * calls.length);
  for (let i = 0; i < runs.length; i += 2) expect(runs[i + 1]?.numbers).toEqual(runs[i]?.numbers);
  await subject.networks.dispose();
});

it("knows the sessions that are open, and forgets those that are released", async () => {
  const { recorder, networks } = await openSmall();
  expect(recorder.session("unet")?.inputNames).toContain("sample");
  expect(recorder.session("unet with a LoRA")).toBeNull();
  await networks.dispose();
  expect(recorder.session("unet")).toBeNull();
});

it("changes what a session is opened with, and passes a refusal on", async () => {
  const seen: unknown[] = [];
  const create = async (_: Uint8Array, options: unknown) => {
    seen.push(options);
    throw new Error("opened");
  };
  const { recorder } = await openSmall();
  const { engine } = recordingEngine(
    { ...recorder.engine, ort: { ...recorder.engine.ort, InferenceSession: { create } } },
    switched({ layout: "NCHW", capture: "never" }),
  );
  const { InferenceSession } = engine.ort;
  const executionProviders = [{ name: "webgpu" }] as const;
  const open = (enableGraphCapture: boolean) =>
    InferenceSession.create(new Uint8Array(), { executionProviders, enableGraphCapture });
  await expect(open(true)).rejects.toThrow(/graph capture/i);
  await expect(open(false)).rejects.toThrow("opened");
  expect(seen).toMatchObject([{ executionProviders: [{ name: "webgpu", preferredLayout: "NCHW" }] }]);
});
