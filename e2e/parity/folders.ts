/** Folders of ready-made ONNX files on a GPU, whose latents stay there, against the same on the CPU. */

import { onnxSource } from "../../src/checkpoint/onnx/onnxSource";
import { type DialectLike, filesOf, folderOf, PUBLISHED, VAE } from "../../src/checkpoint/onnx/testing";
import { BREADTH, DIALECTS, HEIGHT } from "../../src/checkpoint/onnx/testingDialects";
import { asTimestep } from "../../src/core/units";
import type { DeviceTensor, Networks } from "../../src/pipeline/ports";
import { type Backend, chooseBackend } from "../../src/runtime/device/device";
import { createOnnxNetworks } from "../../src/runtime/networks/onnx/onnxNetworks";
import type { Engine } from "../../src/runtime/ort/engine";
import type { Started } from "../../src/runtime/start";
import { maxDifference, PLAIN } from "../../src/runtime/testing";
import type { Answer } from "./page";

const TEXTS = [1, 5].map((step) => ({ ids: Int32Array.from({ length: 77 }, (_, i) => step * i), end: 76 }));
const LATENTS = {
  dims: [1, 4, HEIGHT, BREADTH],
  data: Float32Array.from({ length: 4 * HEIGHT * BREADTH }, (_, i) => (i % 32) / 16 - 1),
};

/** A software GPU has no 16-bit floats. */
const isWide = ([, dialect]: readonly [string, DialectLike]) => dialect.float !== "float16";

export async function folders({ engine, backend: gpu }: Started): Promise<Answer> {
  const cpu = await chooseBackend("wasm", engine);
  const numbers: Record<string, number> = {};
  for (const [name, dialect] of DIALECTS.filter(isWide)) {
    const there = await answers(engine, gpu, dialect);
    const here = await answers(engine, cpu, dialect);
    numbers[name] = Math.max(
      ...here.map((each, i) => maxDifference(each, there[i] ?? new Float32Array(each.length).fill(9))),
    );
  }
  return { numbers, words: {} };
}

/** Two texts, twice, so that what is kept on the GPU is used again, then the second alone; and a decoded latent. */
async function answers(engine: Engine, backend: Backend, dialect: DialectLike): Promise<Float32Array[]> {
  const source = await onnxSource(filesOf({ ...VAE, ...folderOf(dialect) }), PUBLISHED);
  const networks = await createOnnxNetworks({ source, engine, backend });
  const texts = [];
  for (const text of TEXTS) texts.push(await networks.encode([text]));
  const found: Float32Array[] = [];
  for (const asked of [texts, texts, texts.slice(1)]) {
    const predictions = await networks.predict(LATENTS, asTimestep(500), asked, PLAIN);
    for (const each of predictions) found.push(await numbersOf(networks, each));
  }
  found.push(await numbersOf(networks, await networks.decode(LATENTS)));
  await networks.dispose();
  return found;
}

async function numbersOf({ latentDevice }: Networks, tensor: DeviceTensor): Promise<Float32Array> {
  return (await latentDevice.read(tensor)).data;
}
