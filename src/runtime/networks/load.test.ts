import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { InferenceSession, Tensor } from "onnxruntime-web";
import { afterEach, describe, expect, it, vi } from "vitest";
import { diffusersSource } from "../../checkpoint/diffusersFolder";
import type { ModelFiles } from "../../checkpoint/modelFiles";
import { nodeModelFiles } from "../../cli/nodeFiles";
import { onHost } from "../../core/tensor";
import { asTimestep } from "../../core/units";
import type { Networks } from "../../pipeline/ports";
import { chooseBackend } from "../device/device";
import { loadNodeEngine } from "../ort/nodeEngine";
import { Expected, PLAIN, smallFiles, smallModel, textOf } from "../testing";
import { createNetworks } from "./diffusersNetworks";

const FIXTURES = new URL("../__fixtures__/", import.meta.url);
const fixtures = nodeModelFiles(fileURLToPath(FIXTURES));
const expected = await Expected.read(fixtures);
const engine = loadNodeEngine(2);
const backend = await chooseBackend("wasm", engine);
const { endToEnd } = expected;
const latents = expected.floats(endToEnd.initialLatents);
const prompt = textOf(endToEnd.promptIds);
const negative = textOf(endToEnd.negativePromptIds);
const T = asTimestep(999);
const LORA = "few_step/pytorch_lora_weights.safetensors";

/** The small model with some files changed; null takes one away. */
function changed(changes: Readonly<Record<string, string | null>>, families: readonly string[] = ["graphs"]) {
  const { paths, open } = smallFiles(fixtures);
  const files: ModelFiles = {
    paths: paths.filter((path) => changes[path] !== null),
    async open(path) {
      const text = changes[path];
      if (text === undefined) return open(path);
      return text === null ? null : new Blob([text]);
    },
  };
  return { source: diffusersSource(files), graphs: { ...files, families } };
}

const openSmall = () => createNetworks({ ...smallModel(fixtures), engine, backend });

afterEach(() => vi.restoreAllMocks());

describe("loading", () => {
  it("reports bytes of weights and open networks, up to all of them", async () => {
    const log: [string, number, number][] = [];
    const onProgress = (stage: string, done: number, total: number) => log.push([stage, done, total]);
    const networks = await createNetworks({ ...smallModel(fixtures), engine, backend, onProgress });
    await networks.dispose();
    for (const stage of ["weights", "sessions"]) {
      const reports = log.filter(([name]) => name === stage);
      const done = reports.map(([, value]) => value);
      expect(done).toEqual([...done].sort((a, b) => a - b));
      expect(reports.at(-1)?.[1]).toBe(reports.at(-1)?.[2]);
    }
    expect(log.filter(([stage]) => stage === "sessions")).toEqual(
      [1, 2, 3, 4].map((n) => ["sessions", n, 4]),
    );
  });

  it.each<[string, ReturnType<typeof changed>, string, RegExp]>([
    [
      "no weights",
      changed({ "unet/diffusion_pytorch_model.safetensors": null }),
      "model-missing",
      /no weights of a unet; wanted.*text_encoder, unet, vae_decoder/,
    ],
    ["no config", changed({ "vae/config.json": null }), "model-missing", /^vae\/config.json is missing/],
    [
      "a config that is no JSON",
      changed({ "vae/config.json": "{" }),
      "model-corrupt",
      /^vae\/config.json is not JSON/,
    ],
    [
      "a config that is a list",
      changed({ "vae/config.json": "[]" }),
      "model-corrupt",
      /holds no JSON object/,
    ],
    [
      "no family at all",
      changed({}, []),
      "unsupported",
      /text_encoder: there is no graph.*hidden_size 32.*No family/,
    ],
    [
      "a family without its description",
      changed({ "graphs/family.json": null }),
      "model-missing",
      /family.json is missing/,
    ],
    [
      "a description that is damaged",
      changed({ "graphs/family.json": "{}" }),
      "model-corrupt",
      /family.json: networks/,
    ],
    [
      "no graph",
      changed({ "graphs/unet.f32.onnx": null }),
      "model-missing",
      /^graphs\/unet.f32.onnx is missing/,
    ],
    [
      "a graph that is not one",
      changed({ "graphs/unet.f32.onnx": "<html>" }),
      "model-corrupt",
      /^unet: its graph is not/,
    ],
    [
      "other constants than its family's",
      changed({ "text_encoder/config.json": JSON.stringify({ num_attention_heads: 8 }) }),
      "unsupported",
      /^text_encoder: .*Nearest is graphs: num_attention_heads is 4 there and 8 here\.$/,
    ],
    [
      "another U-Net",
      changed({
        "unet/config.json": JSON.stringify({ cross_attention_dim: 64, block_out_channels: [8, 16] }),
      }),
      "unsupported",
      /^unet: .*\(block_out_channels \[8,16\], cross_attention_dim 64, \d+ parameters\)\. Nearest is graphs: /,
    ],
    [
      "an autoencoder of an unknown scale",
      changed({ "vae/config.json": JSON.stringify({ _class_name: "AutoencoderOobleck" }) }),
      "unsupported",
      /wanted a scaling_factor, got none/,
    ],
    [
      "a prompt match without its config",
      changed({ "prompt_match/config.json": null }),
      "model-missing",
      /^prompt_match\/config.json is missing/,
    ],
    [
      "a prompt match for pictures of an unknown size",
      changed({ "prompt_match/config.json": "{}" }),
      "model-corrupt",
      /^prompt_match\/config.json: image_size/,
    ],
  ])("%s: says so, and nothing stays open", async (_, files, code, message) => {
    const { sessions } = ledger();
    const opening = createNetworks({ ...files, engine, backend });
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(sessions.open).toBe(0);
  });
});

describe("a model without a prompt match", () => {
  const config = readFileSync(new URL("small/prompt_match/config.json", FIXTURES), "utf8");
  it.each([
    ["it brings none", { "prompt_match/model.safetensors": null, "prompt_match/config.json": null }],
    ["the family has no graph for one", { "graphs/family.json": familyWith({ prompt_match: undefined }) }],
    [
      "the family's has other constants",
      { "prompt_match/config.json": config.replace('"text_heads": 2', '"text_heads": 4') },
    ],
  ])("%s: draws as any other, and has no prompt match", async (_, changes) => {
    const { sessions } = ledger();
    const progress: number[][] = [];
    const onProgress = (stage: string, ...counts: number[]) =>
      void (stage === "sessions" && progress.push(counts));
    const networks = await createNetworks({ ...changed(changes), engine, backend, onProgress });
    expect(networks.promptMatch).toBeNull();
    expect([sessions.open, progress.at(-1)]).toEqual([3, [3, 3]]);
    expect((await networks.decode(latents)).dims).toEqual([1, 3, 48, 32]);
    await networks.dispose();
    expect(sessions.open).toBe(0);
  });
});

describe("memory", () => {
  it("every tensor is disposed when its owner is done with it, and every session released", async () => {
    const { alive, sessions } = ledger();
    const networks = await openSmall();
    expect(sessions.open).toBe(4);
    const texts = [await networks.encode(negative), await networks.encode(prompt)];
    expect(alive.size).toBe(2);
    await networks.predict(latents, T, texts, PLAIN);
    const planes = await networks.decode(latents);
    expect(alive.size).toBe(3); // two texts, and the two joined
    const square = { dims: [1, 3, 32, 32], data: onHost(planes).data.slice(0, 3 * 32 * 32) };
    await networks.promptMatch?.cosine(square, texts[1] ?? expect.fail("no text"), 6);
    expect(alive.size).toBe(3);
    texts[0]?.dispose();
    await networks.decode(latents); // waits for its turn behind the disposals
    expect(alive.size).toBe(2); // both are remembered
    await networks.dispose();
    expect(alive.size).toBe(0);
    expect(sessions.open).toBe(0);
  });

  it("opens a LoRA when it is first asked for, once, and gives it back with the rest", async () => {
    const { alive, sessions } = ledger();
    const networks = await openSmall();
    expect(sessions.open).toBe(4);
    const [fewStep, same] = await Promise.all([networks.withLora(LORA), networks.withLora(LORA)]);
    expect(sessions.open).toBe(5);
    const text = [await networks.encode(prompt)];
    const of = (which: Networks) => which.predict(latents, T, text, PLAIN);
    expect(await of(fewStep)).toEqual(await of(same));
    expect(await of(fewStep)).not.toEqual(await of(networks));
    await networks.dispose();
    expect(alive.size).toBe(0);
    expect(sessions.open).toBe(0);
  });

  it("joins two texts once, keeps them,, and again when one of them is another", async () => {
    const networks = await openSmall();
    const [a, b] = [await networks.encode(negative), await networks.encode(prompt)];
    const { runs } = ledger();
    await networks.predict(latents, T, [a, b], PLAIN);
    await networks.predict(latents, T, [a, b], PLAIN);
    const c = await networks.encode(textOf(endToEnd.promptIds.map(() => 3)));
    await networks.predict(latents, T, [a, c], PLAIN);
    const joined = runs
      .map(({ encoder_hidden_states }) => encoder_hidden_states)
      .filter((text) => text !== undefined);
    expect(joined[0]).toBe(joined[1]);
    expect(joined[2]).not.toBe(joined[0]);
    await networks.dispose();
  });

  it("a run that fails leaves nothing behind, and the next one works", async () => {
    const networks = await openSmall();
    const text = await networks.encode(prompt);
    const { alive } = ledger();
    // Odd sides pass the checks and fail in the U-Net, where a skip connection meets its other half.
    await expect(networks.predict(floats([1, 4, 5, 5]), T, [text], PLAIN)).rejects.toMatchObject({
      code: "internal",
      message: expect.stringMatching(/^unet: /),
    });
    expect([...alive].filter((tensor) => tensor.dims.length === 4)).toEqual([]);
    await expect(networks.predict(latents, T, [text], PLAIN)).resolves.toHaveLength(1);
    await networks.dispose();
    expect(alive.size).toBe(0);
  });
});

function floats(dims: readonly number[]) {
  return { dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) };
}

/** The small model's family with some entries of its networks changed, or networks taken away. */
function familyWith(changes: Readonly<Record<string, object | undefined>>): string {
  const family = JSON.parse(readFileSync(new URL("small/graphs/family.json", FIXTURES), "utf8"));
  for (const [name, change] of Object.entries(changes))
    family.networks[name] = change && { ...family.networks[name], ...change };
  return JSON.stringify(family);
}

/** Watches ONNX Runtime from outside, changing nothing: tensors that went in or came out and live, sessions that are open. */
function ledger() {
  const alive = new Set<Tensor>();
  const runs: Readonly<Record<string, Tensor>>[] = [];
  const sessions = { open: 0 };
  const { InferenceSession: Sessions, Tensor: Tensors } = engine.ort;
  const prototype = Reflect.get(Sessions, "prototype") as InferenceSession;
  const { run, release } = prototype;
  vi.spyOn(prototype, "run").mockImplementation(async function (this: InferenceSession, ...args: unknown[]) {
    const feeds = args[0] as Record<string, Tensor>;
    runs.push(feeds);
    for (const tensor of Object.values(feeds)) alive.add(tensor);
    const outputs = (await Reflect.apply(run, this, args)) as Record<string, Tensor>;
    for (const tensor of Object.values(outputs)) alive.add(tensor);
    return outputs;
  });
  vi.spyOn(prototype, "release").mockImplementation(async function (this: InferenceSession) {
    await Reflect.apply(release, this, []);
    sessions.open--;
  });
  const create = Sessions.create as (...args: unknown[]) => Promise<InferenceSession>;
  vi.spyOn(Sessions, "create").mockImplementation(async (...args: unknown[]) => {
    const session = await Reflect.apply(create, Sessions, args);
    sessions.open++;
    return session;
  });
  const { dispose } = Tensors.prototype;
  vi.spyOn(Tensors.prototype, "dispose").mockImplementation(function (this: Tensor) {
    alive.delete(this);
    Reflect.apply(dispose, this, []);
  });
  return { alive, runs, sessions };
}
