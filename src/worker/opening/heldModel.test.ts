import { expect, it } from "vitest";
import { Failure } from "../../core/failure";
import { HeldModel } from "./heldModel";
import type { OpenModel, openModel } from "./openModel";

const CONTEXT = { report: () => undefined, signal: new AbortController().signal };
const KEPT = { kind: "kept", modelId: "m" } as const;
const BUNDLED = { kind: "bundled" } as const;

/** Models that only say when they are closed, and one that is refused before or after there must be room for it. */
function heldOf(log: string[], refuse: "at once" | "late" | null = null) {
  let count = 0;
  const open: typeof openModel = async (source, _backend, _context, { makeRoom } = {}) => {
    if (source.kind === "kept" && refuse === "at once") throw new Failure("model-corrupt", "refused");
    await makeRoom?.();
    if (source.kind === "kept" && refuse === "late") throw new Failure("out-of-memory", "refused");
    const name = `model ${++count}`;
    log.push(`open ${name}`);
    const dispose = async () => void log.push(`close ${name}`);
    return { name, networks: { dispose }, previews: { dispose: async () => {} } } as unknown as OpenModel;
  };
  return new HeldModel(open);
}

it("a model that is refused by its files leaves the open one open", async () => {
  const log: string[] = [];
  const held = heldOf(log, "at once");
  const first = await held.load(BUNDLED, "wasm", CONTEXT);
  await expect(held.load(KEPT, "wasm", CONTEXT)).rejects.toThrow("refused");
  expect(held.current).toBe(first);
  expect(await held.load(BUNDLED, "wasm", CONTEXT)).toBe(first);
  expect(log).toEqual(["open model 1"]);
});

it("never are two open, and after one that does not fit the one before is opened again when asked", async () => {
  const log: string[] = [];
  const held = heldOf(log, "late");
  await held.load(BUNDLED, "wasm", CONTEXT);
  await expect(held.load(KEPT, "wasm", CONTEXT)).rejects.toThrow("refused");
  expect(() => held.current).toThrow("No model is loaded yet");
  await held.load(BUNDLED, "wasm", CONTEXT);
  expect(log).toEqual(["open model 1", "close model 1", "open model 2"]);
});

it("another backend opens the same model anew", async () => {
  const log: string[] = [];
  const held = heldOf(log);
  await held.load(BUNDLED, "auto", CONTEXT);
  await held.load(BUNDLED, "wasm", CONTEXT);
  expect(log).toEqual(["open model 1", "close model 1", "open model 2"]);
});
