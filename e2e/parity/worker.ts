/** Runs the small model through `src/runtime` as the app's worker does, and says how far it is from PyTorch. */

import { type GpuMeter, meterDevice } from "../../src/bench/instruments/gpuMeter";
import { readModel } from "../../src/checkpoint/model";
import type { ModelFiles } from "../../src/checkpoint/modelFiles";
import { asFailure } from "../../src/core/failure";
import type { Recipe } from "../../src/core/recipe";
import type { HostTensor } from "../../src/core/tensor";
import { asTimestep } from "../../src/core/units";
import type { Embeddings, Networks } from "../../src/pipeline/ports";
import { textToImage } from "../../src/pipeline/textToImage";
import { type Backend, chooseBackend, type GpuBackend } from "../../src/runtime/device/device";
import { GpuLatentDevice } from "../../src/runtime/gpu/gpuLatentDevice";
import type { GuidanceBatch } from "../../src/runtime/memory/batching";
import { createNetworks, type LoadedNetworks } from "../../src/runtime/networks/diffusersNetworks";
import { type Started, startEngine } from "../../src/runtime/start";
import {
  type Case,
  deviations,
  Expected,
  maxDifference,
  smallFiles,
  smallModel,
} from "../../src/runtime/testing";
import { folders } from "./folders";
import type { Answer, Kind, Question } from "./page";
import { recording } from "./recording";
import { tiles } from "./tiles";

/** The files of `src/runtime/__fixtures__`, as the build knows them. */
declare const FIXTURES: readonly string[];

const fixtures: ModelFiles = {
  paths: FIXTURES,
  async open(path) {
    if (!FIXTURES.includes(path)) return null; // the server gives its page for what it does not have
    const response = await fetch(new URL(`/${path}`, location.origin));
    return response.ok ? response.blob() : null;
  },
};
const expected = Expected.read(fixtures);

/** The GPU of all questions but those that end it, and the small model on it, kept: its shaders are compiled once. */
interface OnGpu extends Started {
  readonly meter: GpuMeter;
  readonly backend: GpuBackend;
  readonly networks: LoadedNetworks;
}

let onGpu: Promise<OnGpu> | null = null;

function theGpu(): Promise<OnGpu> {
  onGpu ??= openGpu();
  return onGpu;
}

async function openGpu(): Promise<OnGpu> {
  const { engine, backend } = await startEngine("webgpu");
  if (backend.kind !== "webgpu") throw new Error("no WebGPU");
  const meter = meterDevice(backend.gpu.device);
  const networks = await createNetworks({ ...smallModel(fixtures), engine, backend });
  return { engine, backend, meter, networks };
}

/** Every network against PyTorch; and two texts in one batch against two passes, and a picture with its prompt match, through the whole of `Networks`. */
async function parity(kind: Kind, chosen: (cases: readonly Case[]) => readonly Case[]): Promise<Answer> {
  const { engine, backend } = kind === "webgpu" ? await theGpu() : await startEngine(kind);
  const known = await expected;
  const open = (on: Backend, guidanceBatch: GuidanceBatch) =>
    createNetworks({ ...smallModel(fixtures), engine, backend: on, guidanceBatch });
  const joined = await open(backend, "joined");
  const numbers = await deviations({ engine, backend, fixtures, expected: known }, chosen(known.cases));
  const [uncond, cond, matched] = await predictBoth(joined, known);
  const separate = await predictBoth(await open(await chooseBackend("wasm", engine), "separate"), known);
  return {
    numbers: {
      ...numbers,
      "joined against separate": Math.max(
        maxDifference(uncond, separate[0]),
        maxDifference(cond, separate[1]),
      ),
      "judged here against the processor": Math.abs(matched - separate[2]),
    },
    words: { backend: backend.report.description, textsDiffer: String(maxDifference(uncond, cond) > 1e-2) },
  };
}

/** A U-Net that is told nothing beside latent, time and text. */
const PLAIN = { timeIds: null, timestepCond: null };

/** One text for one encoder; its end is where the small model's greatest id stands. */
function textOf(ids: readonly number[]) {
  return [{ ids: Int32Array.from(ids), end: ids.indexOf(Math.max(...ids)) }];
}

async function predictBoth(networks: LoadedNetworks, known: Expected) {
  const { endToEnd } = known;
  const texts = [
    await networks.encode(textOf(endToEnd.negativePromptIds)),
    await networks.encode(textOf(endToEnd.promptIds)),
  ];
  const latents = known.floats(endToEnd.initialLatents);
  const predictions = await networks.predict(latents, asTimestep(999), texts, PLAIN);
  const [uncond, cond] = await Promise.all(predictions.map((each) => networks.latentDevice.read(each)));
  const matched = await match(networks, known, texts);
  await networks.dispose();
  if (!uncond || !cond) throw new Error("wanted two predictions");
  return [uncond.data, cond.data, matched] as const;
}

/** A picture's cosine with a text that is still where the text encoder left it. */
async function match({ promptMatch }: LoadedNetworks, known: Expected, [text]: readonly Embeddings[]) {
  const pixels = known.cases.find(({ network }) => network === "prompt_match")?.inputs["pixels"];
  if (!promptMatch || !pixels || !text) throw new Error("wanted a judge, a picture and a text");
  const side = promptMatch.sidePx;
  const { data } = known.floats(pixels);
  return promptMatch.cosine({ dims: [1, 3, side, side], data: data.slice(0, 3 * side * side) }, text, 2);
}

/** Two sizes, two text lengths, of the networks that draw: a software GPU compiles slowly. */
const twoOfEach = (cases: readonly Case[]) =>
  ["text_encoder", "unet", "vae_decoder"].flatMap((name) =>
    cases.filter(({ network }) => network === name).slice(0, 2),
  );

/** Opens a network again and again, on the CPU: what goes wrong now and then goes wrong here. */
async function reopening(times: number): Promise<Answer> {
  const bench = { ...(await startEngine("wasm")), fixtures, expected: await expected };
  let worst = 0;
  for (let i = 0; i < times; i++) {
    const found = await deviations(bench, bench.expected.cases.slice(0, 1));
    worst = Math.max(worst, ...Object.values(found));
  }
  return { numbers: { worst }, words: {} };
}

async function auto(): Promise<Answer> {
  const { engine, backend } = await startEngine("auto");
  return { numbers: { threads: engine.threads }, words: { ...backend.report } };
}

/** Loses the device under a model, then starts again with a new one. */
async function loss(): Promise<Answer> {
  const { engine, backend } = await startEngine("webgpu");
  if (backend.kind !== "webgpu") throw new Error("no WebGPU");
  const networks = await createNetworks({ ...smallModel(fixtures), engine, backend });
  const read = textOf((await expected).endToEnd.promptIds);
  const text = await networks.encode(read);
  const latents = (await expected).floats((await expected).endToEnd.initialLatents);
  const running = networks.predict(latents, asTimestep(999), [text], PLAIN).then(codeOf, codeOf);
  backend.gpu.device.destroy();
  const words = {
    running: await running,
    encode: await networks.encode(read).then(codeOf, codeOf),
    predict: await networks.predict(latents, asTimestep(999), [text], PLAIN).then(codeOf, codeOf),
    decode: await networks.decode(latents).then(codeOf, codeOf),
  };
  text.dispose();
  await networks.dispose();
  const again = {
    engine,
    backend: await chooseBackend("webgpu", engine),
    fixtures,
    expected: await expected,
  };
  const numbers = await deviations(again, again.expected.cases.slice(0, 1));
  return { numbers, words };
}

/** Samplers that between them ask a desk for everything: noise, spreads, one text and two in turn. */
const RECIPES: readonly (Pick<Recipe, "sampler"> & Partial<Recipe>)[] = [
  { sampler: "ddpm", guidanceScale: 3, guidanceRescale: 0.7 },
  { sampler: "pndm", guidanceScale: 3, guidanceStart: 0.25, guidanceStop: 0.75 },
];

/** Bytes of GPU buffers, ONNX Runtime's among them, that pictures leave behind. */
async function growth(
  draw: (networks: Networks, change: Partial<Recipe>) => Promise<unknown>,
  networks: LoadedNetworks,
  { meter }: OnGpu,
): Promise<number> {
  const held: number[] = [];
  for (let i = 0; i < 5; i++) {
    await draw(networks, { seed: BigInt(i), steps: 1 });
    held.push(meter.liveBytes);
  }
  return (held.at(-1) ?? Number.NaN) - (held[1] ?? Number.NaN);
}

/** Whole pictures on the GPU and on the CPU. */
async function pictures(): Promise<Answer> {
  const { engine, networks: there } = await theGpu();
  const files = smallFiles(fixtures);
  const model = await readModel(async (path) => (await files.open(path))?.text() ?? null);
  const numbers: Record<string, number> = {};
  const draw = async (networks: Networks, change: Partial<Recipe>) => {
    const latents: HostTensor[] = [];
    const { pixels } = await textToImage({ ...RECIPE, ...change }, model, networks, {
      stage: () => undefined,
      step: async () => undefined,
      isCancelled: async () => false,
      now: () => performance.now(),
      finished: (left) => void latents.push(left),
    });
    const [left] = latents;
    if (!left) throw new Error("wanted latents");
    return { latents: left.data, bytes: Float32Array.from(pixels.bytes), count: left.data.length };
  };
  const here = await createNetworks({
    ...smallModel(fixtures),
    engine,
    backend: await chooseBackend("wasm", engine),
  });
  const { latentDevice } = there;
  if (!(latentDevice instanceof GpuLatentDevice)) throw new Error("wanted the latents on the GPU");
  for (const change of RECIPES) {
    const before = latentDevice.bytesRead;
    const { latents, bytes, count } = await draw(there, change);
    const read = latentDevice.bytesRead - before;
    const wanted = await draw(here, change);
    numbers[`${change.sampler}, latents`] = maxDifference(latents, wanted.latents);
    numbers[`${change.sampler}, pixels`] = maxDifference(bytes, wanted.bytes);
    // The latents, which this test asks for, and the picture.
    numbers[`${change.sampler}, bytes read beside`] = read - 4 * count - bytes.length;
  }
  await here.dispose();
  numbers["bytes held more after 5 pictures than after 2"] = await growth(draw, there, await theGpu());
  return { numbers, words: {} };
}

const RECIPE: Recipe = {
  prompt: "cat",
  negativePrompt: "",
  seed: 7n,
  sampler: "ddim",
  steps: 4,
  guidanceScale: 1,
  guidanceStart: 0,
  guidanceStop: 1,
  guidanceRescale: 0,
  eta: 0,
  weights: "full",
  widthPx: 32,
  heightPx: 48,
};

/** The other build of the engine, on the networks whose shaders compile fast. */
async function older(): Promise<Answer> {
  Reflect.deleteProperty(WebAssembly, "Suspending");
  const bench = { ...(await startEngine("webgpu")), fixtures, expected: await expected };
  const chosen = twoOfEach(bench.expected.cases).filter(
    ({ network }, i) => network !== "unet" && i % 2 === 0,
  );
  return { numbers: await deviations(bench, chosen), words: {} };
}

function codeOf(outcome: unknown): string {
  return outcome instanceof Error ? asFailure(outcome).code : "no failure";
}

async function answer(question: Question): Promise<Answer> {
  switch (question.about) {
    case "deviation":
      if (question.browser === "older") Reflect.deleteProperty(WebAssembly, "Suspending");
      return parity(question.backend, question.backend === "wasm" ? (all) => all : twoOfEach);
    case "older":
      return older();
    case "reopening":
      return reopening(question.times);
    case "pictures":
      return pictures();
    case "folders":
      return folders(await theGpu());
    case "tiles":
      return tiles(fixtures, await theGpu());
    case "auto":
      return auto();
    case "loss":
      return loss();
    case "recording":
      return recording({ ...(await theGpu()), fixtures, expected: await expected });
  }
}

self.onmessage = ({ data }: MessageEvent<Question>) => {
  void answer(data).then(
    (given) => self.postMessage({ answer: given }),
    (error: unknown) => self.postMessage({ error: `${asFailure(error).code}: ${asFailure(error).message}` }),
  );
};
