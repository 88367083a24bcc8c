/** Runs the small model through `src/runtime` as the app's worker does, and says how far it is from PyTorch. */

import { asFailure } from "../../src/core/failure";
import { asTimestep } from "../../src/core/units";
import { type Backend, chooseBackend } from "../../src/runtime/device";
import type { ModelFiles } from "../../src/runtime/modelFiles";
import { createNetworks, type GuidanceBatch } from "../../src/runtime/networks";
import { loadEngine } from "../../src/runtime/ort";
import { type Case, deviation, Expected, maxDifference, smallModel } from "../../src/runtime/testing";
import type { Answer, Kind, Question } from "./page";

const fixtures: ModelFiles = {
  async open(path) {
    const response = await fetch(new URL(`/${path}`, location.origin));
    return response.ok ? response.blob() : null;
  },
};
const expected = Expected.read(fixtures);

async function deviations(kind: Kind, isChosen: (one: Case, nth: number) => boolean): Promise<Answer> {
  const engine = await loadEngine();
  const backend = await chooseBackend(kind, engine);
  const known = await expected;
  const numbers: Record<string, number> = {};
  const seen = new Map<string, number>();
  for (const one of known.cases) {
    const nth = seen.get(one.network) ?? 0;
    seen.set(one.network, nth + 1);
    if (isChosen(one, nth))
      numbers[`${one.network} ${nth}`] = await deviation(engine, backend, fixtures, known, one);
  }
  return { numbers, words: { backend: backend.report.description } };
}

/** Two texts in one batch on this backend against two passes on the processor, through the whole of `Networks`. */
async function guidance(kind: Kind): Promise<Answer> {
  const engine = await loadEngine();
  const { endToEnd } = await expected;
  const latents = (await expected).floats(endToEnd.initialLatents);
  const predict = async (backend: Backend, guidanceBatch: GuidanceBatch) => {
    const networks = await createNetworks({ ...smallModel(fixtures), engine, backend, guidanceBatch });
    const texts = [
      await networks.encode(Int32Array.from(endToEnd.negativePromptIds)),
      await networks.encode(Int32Array.from(endToEnd.promptIds)),
    ];
    const [uncond, cond] = await networks.predict(latents, asTimestep(999), texts);
    await networks.dispose();
    if (!uncond || !cond) throw new Error("wanted two predictions");
    return [uncond.data, cond.data] as const;
  };
  const [uncond, cond] = await predict(await chooseBackend(kind, engine), "joined");
  const separate = await predict(await chooseBackend("wasm", engine), "separate");
  const apart = Math.max(maxDifference(uncond, separate[0]), maxDifference(cond, separate[1]));
  return { numbers: { apart, betweenTexts: maxDifference(uncond, cond) }, words: {} };
}

async function auto(): Promise<Answer> {
  const engine = await loadEngine();
  const { report } = await chooseBackend("auto", engine);
  return { numbers: { threads: engine.threads }, words: { ...report } };
}

/** Loses the device under a model, then starts again with a new one. */
async function loss(): Promise<Answer> {
  const engine = await loadEngine();
  const backend = await chooseBackend("webgpu", engine);
  if (backend.kind !== "webgpu") throw new Error("no WebGPU");
  const networks = await createNetworks({ ...smallModel(fixtures), engine, backend });
  const ids = Int32Array.from((await expected).endToEnd.promptIds);
  const text = await networks.encode(ids);
  const latents = (await expected).floats((await expected).endToEnd.initialLatents);
  const running = networks.predict(latents, asTimestep(999), [text]).then(codeOf, codeOf);
  backend.gpu.device.destroy();
  const words = {
    running: await running,
    encode: await networks.encode(ids).then(codeOf, codeOf),
    predict: await networks.predict(latents, asTimestep(999), [text]).then(codeOf, codeOf),
    decode: await networks.decode(latents).then(codeOf, codeOf),
  };
  text.dispose();
  await networks.dispose();
  const { numbers } = await deviations("webgpu", ({ network }, nth) => network === "text_encoder" && nth < 1);
  return { numbers, words };
}

function codeOf(outcome: unknown): string {
  return outcome instanceof Error ? asFailure(outcome).code : "no failure";
}

async function answer(question: Question): Promise<Answer> {
  switch (question.about) {
    case "deviation":
      // As in a browser whose WebAssembly can not suspend itself.
      if (question.browser === "older") Reflect.deleteProperty(WebAssembly, "Suspending");
      return deviations(
        question.backend,
        ({ network }, nth) => question.cases === "all" || (network !== "vae_encoder" && nth < 2),
      );
    case "guidance":
      return guidance(question.backend);
    case "auto":
      return auto();
    case "loss":
      return loss();
  }
}

self.onmessage = ({ data }: MessageEvent<Question>) => {
  void answer(data).then(
    (given) => self.postMessage({ answer: given }),
    (error: unknown) => self.postMessage({ error: `${asFailure(error).code}: ${asFailure(error).message}` }),
  );
};
