/** Shared by the tests, in Node and in a browser: the small model's files and PyTorch's results with it. */

import type { ModelSource } from "../checkpoint/checkpoint";
import { diffusersSource } from "../checkpoint/diffusersFolder";
import { bindWeights } from "../checkpoint/graph/binding";
import type { GraphLibrary, ModelFiles } from "../checkpoint/modelFiles";
import { loraEdits, readLora } from "../checkpoint/weights/lora";
import { readHeader } from "../checkpoint/weights/safetensors";
import { parameterOf } from "../checkpoint/weights/weightFiles";
import type { EncoderText, UnetExtras } from "../pipeline/ports";
import { type Backend, precisionOf } from "./device/device";
import type { Engine } from "./ort/engine";
import { mountWeights } from "./ort/mountWeights";
import { openSession, type Session, type SessionOptions } from "./ort/session";
import { type Feeds, takeFloats } from "./ort/tensors";

/** A tensor in `expected.bin`. */
interface Stored {
  readonly dtype: "float32" | "int32";
  readonly shape: readonly number[];
  readonly offset: number;
}

/** One run of one network. */
export interface Case {
  readonly network: string;
  readonly weights: string;
  /** A LoRA merged into them. */
  readonly lora?: string;
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly outputs: Readonly<Record<string, Stored>>;
}

/** A whole run of diffusers' pipeline. */
export interface EndToEnd {
  readonly promptIds: readonly number[];
  readonly negativePromptIds: readonly number[];
  readonly steps: number;
  readonly guidanceScale: number;
  readonly initialLatents: Stored;
  readonly stepLatents: readonly Stored[];
  readonly picture: Stored;
}

/** `expected.json` and the numbers behind it. */
export class Expected {
  readonly cases: readonly Case[];
  readonly endToEnd: EndToEnd;
  /** The U-Net with a LoRA. */
  readonly lora: Case;
  readonly #numbers: ArrayBuffer;

  private constructor(
    json: { cases: readonly Case[]; endToEnd: EndToEnd; lora: Case },
    numbers: ArrayBuffer,
  ) {
    this.lora = json.lora;
    this.cases = json.cases;
    this.endToEnd = json.endToEnd;
    this.#numbers = numbers;
  }

  /** @param fixtures rooted at `src/runtime/__fixtures__`. */
  static async read(fixtures: ModelFiles): Promise<Expected> {
    const json = await must(fixtures, "expected.json");
    const numbers = await must(fixtures, "expected.bin");
    return new Expected(JSON.parse(await json.text()), await numbers.arrayBuffer());
  }

  floats({ shape, offset }: Stored) {
    return { dims: shape, data: new Float32Array(this.#numbers, offset, count(shape)) };
  }

  feeds(inputs: Case["inputs"]): Feeds {
    return Object.fromEntries(
      Object.entries(inputs).map(([name, stored]) => {
        const { dtype, shape, offset } = stored;
        const ids = () => ({ dims: shape, data: new Int32Array(this.#numbers, offset, count(shape)) });
        return [name, dtype === "int32" ? ids() : this.floats(stored)];
      }),
    );
  }
}

/** The small model and its one family of graphs, cut out of the fixtures. */
export function smallModel(fixtures: ModelFiles): { source: ModelSource; graphs: GraphLibrary } {
  const files = smallFiles(fixtures);
  return { source: diffusersSource(files), graphs: { ...files, families: ["graphs"] } };
}

/** The folder of the small model. */
export function smallFiles({ paths, open }: ModelFiles): ModelFiles {
  return {
    paths: paths.flatMap((path) => (path.startsWith("small/") ? [path.slice("small/".length)] : [])),
    open: (path) => open(`small/${path}`),
  };
}

/** A text for the small model's one encoder; its end is where its greatest id stands. */
export function textOf(ids: readonly number[]): readonly EncoderText[] {
  return [{ ids: Int32Array.from(ids), end: ids.indexOf(Math.max(...ids)) }];
}

/** For a U-Net that is told nothing beside latent, time and text. */
export const PLAIN: UnetExtras = { timeIds: null, timestepCond: null };

/** Where cases are run. */
export interface Bench {
  readonly engine: Engine;
  readonly backend: Backend;
  readonly fixtures: ModelFiles;
  readonly expected: Expected;
  readonly precision?: "f32" | "f16";
}

/**
 * The greatest difference between what PyTorch computed and what our runtime does, by case. Sessions stay open to the end:
 * with the last session on a device, ONNX Runtime forgets the shaders that it compiled.
 */
export async function deviations(bench: Bench, cases: readonly Case[]): Promise<Record<string, number>> {
  const sessions = new Map<string, Session>();
  const found: Record<string, number> = {};
  try {
    for (const [i, one] of cases.entries()) {
      const key = `${one.network} of ${one.weights}`;
      const session = sessions.get(key) ?? (await openCase(bench, one));
      sessions.set(key, session);
      found[`${i}: ${key}`] = await deviation(bench.expected, session, one);
    }
    return found;
  } finally {
    for (const session of sessions.values()) await session.release();
  }
}

/** The network of a case, opened. */
export async function openCase(bench: Bench, one: Case): Promise<Session> {
  return openSession(bench.engine, bench.backend, await sessionOptionsOf(bench, one));
}

/** The session options of a case. */
export async function sessionOptionsOf(
  { backend, fixtures, precision }: Bench,
  { network, weights, lora }: Case,
): Promise<SessionOptions> {
  const file = await must(fixtures, weights);
  const graph = await must(fixtures, `small/graphs/${network}.${precision ?? precisionOf(backend)}.onnx`);
  const header = await readHeader(file, weights);
  const parameters = new Map([...header].map(([name, tensor]) => [name, parameterOf(file, tensor)]));
  const bound = bindWeights(network, new Uint8Array(await graph.arrayBuffer()), parameters);
  const edits =
    lora === undefined
      ? new Map()
      : await loraEdits(network, bound, await readLora(await must(fixtures, lora), lora, network), 1);
  const { mounts } = await mountWeights(network, bound, { edits });
  return { name: network, model: bound.model, mounts, output: "host" };
}

async function deviation(expected: Expected, session: Session, { inputs, outputs }: Case): Promise<number> {
  const [wanted] = Object.values(outputs);
  if (!wanted) throw new Error("the case has no output");
  const got = takeFloats(await session.run(expected.feeds(inputs)));
  if (String(got.dims) !== String(wanted.shape))
    throw new Error(`wanted [${wanted.shape}], got [${got.dims}]`);
  return maxDifference(got.data, expected.floats(wanted).data);
}

/** max |a - b|; Infinity for arrays of unlike length or a NaN. */
export function maxDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  const max = a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
  return Number.isNaN(max) ? Number.POSITIVE_INFINITY : max;
}

function count(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** A file that has to be there. */
export async function must(files: ModelFiles, path: string): Promise<Blob> {
  const file = await files.open(path);
  if (!file) throw new Error(`${path} is missing`);
  return file;
}

/** A folder in memory. */
export function folderOf(files: Readonly<Record<string, Blob | string | object>>): ModelFiles {
  const blobs = new Map(
    Object.entries(files).map(([path, content]) => {
      if (content instanceof Blob) return [path, content];
      return [path, new Blob([typeof content === "string" ? content : JSON.stringify(content)])];
    }),
  );
  return { paths: [...blobs.keys()], open: async (path) => blobs.get(path) ?? null };
}

/** A tensor to be written. */
export interface Written {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
}

/** Tensors of f32 numbers 0, 1, 2, … in these shapes. */
export function counting(shapes: Readonly<Record<string, readonly number[]>>): Record<string, Written> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const data = Float32Array.from({ length: count(shape) }, (_, i) => i);
      return [name, { dtype: "F32", shape, data }];
    }),
  );
}

/** A safetensors file. */
export function safetensorsOf(tensors: Readonly<Record<string, Written>>): Blob {
  let end = 0;
  const header = Object.entries(tensors).map(([name, { dtype, shape, data }]) => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const numbers = Object.values(tensors).map(({ data }) => data);
  return new Blob([BigUint64Array.of(BigInt(text.length)), text, ...numbers]);
}
