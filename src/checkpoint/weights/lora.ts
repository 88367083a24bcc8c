/**
 * Low-rank changes to a network's weights, merged before its session is made: W + s · up · down. Hu et al. 2021
 * (arXiv:2106.09685), eq. 3; for a convolution, up is 1x1 and down has the kernel. Files and names as peft and diffusers
 * write them: `<network>.<module>.lora_A.weight` is down [r, in, …], `<network>.<module>.lora_B.weight` is up [out, r, …].
 */

import { Failure } from "../../core/failure";
import type { BoundGraph, Edit } from "../graph/binding";
import { convertFloats, isStoredFloat } from "./dtype";
import { readHeader, type StoredTensor } from "./safetensors";

/** The two factors of one parameter's change. */
interface Factors {
  readonly down: StoredTensor;
  readonly up: StoredTensor;
}

/** A LoRA file of one network. */
export interface Lora {
  /** For messages. */
  readonly path: string;
  readonly file: Blob;
  /** By name of the parameter that is changed. */
  readonly changes: ReadonlyMap<string, Factors>;
}

const NAME = /^(?<network>\w+)\.(?<module>.+)\.lora_(?<factor>[AB])\.weight$/;

/**
 * @param network the only one that the file may change, e.g. "unet".
 * @throws {Failure} "model-corrupt" if the file contradicts itself, "unsupported" for tensors that are no factors of that network.
 */
export async function readLora(file: Blob, path: string, network: string): Promise<Lora> {
  const halves = new Map<string, Partial<Factors>>();
  for (const [name, tensor] of await readHeader(file, path)) {
    const { network: owner, module, factor } = NAME.exec(name)?.groups ?? {};
    if (owner !== network || module === undefined)
      throw new Failure(
        "unsupported",
        `${path}: wanted only ${network}.<module>.lora_A.weight and lora_B.weight, as diffusers writes them; got ${name}.`,
      );
    const parameter = `${module}.weight`;
    halves.set(parameter, { ...halves.get(parameter), [factor === "A" ? "down" : "up"]: tensor });
  }
  const changes = new Map([...halves].map(([name, { down, up }]) => [name, both(path, name, down, up)]));
  return { path, file, changes };
}

function both(path: string, name: string, down?: StoredTensor, up?: StoredTensor): Factors {
  if (down && up) return { down, up };
  throw new Failure(
    "model-corrupt",
    `${path}: the change of ${name} wants two factors; lora_${down ? "B" : "A"} is missing. Fetch the file again.`,
  );
}

/**
 * The edits that add s · up · down to each parameter, in f32.
 *
 * @param network for messages.
 * @param bound the graph whose parameters are changed.
 * @param scale s; 1 is as strong as it was trained.
 * @throws {Failure} "unsupported" if the network has no such parameter, "model-corrupt" if shapes do not go together.
 */
export async function loraEdits(
  network: string,
  { bindings }: BoundGraph,
  lora: Lora,
  scale: number,
): Promise<ReadonlyMap<string, Edit>> {
  const edits = new Map<string, Edit>();
  for (const [name, factors] of lora.changes) {
    const binding = bindings.get(name);
    if (!binding)
      throw new Failure("unsupported", `${lora.path} is for another network: ${network} has no ${name}.`);
    const { down, up } = checked(lora.path, name, binding.dims, factors);
    const scaledUp = (await floats(lora.file, up)).map((u) => scale * u);
    const downward = await floats(lora.file, down);
    edits.set(name, (weight) => addProduct(weight, scaledUp, downward, down.shape[0] ?? 0));
  }
  return edits;
}

/** down [r, in, …] and up [out, r, 1, …] of a weight [out, in, …]. */
function checked(path: string, name: string, dims: readonly number[], factors: Factors): Factors {
  const { down, up } = factors;
  const [out, ...rest] = dims;
  const rank = down.shape[0] ?? 0;
  const wanted = { down: [rank, ...rest], up: [out, rank, ...rest.slice(1).map(() => 1)] };
  if (rank === 0 || String(down.shape) !== String(wanted.down) || String(up.shape) !== String(wanted.up))
    throw new Failure(
      "model-corrupt",
      `${path}: ${name} is [${dims.join(", ")}], so wanted factors [rank, ${rest.join(", ")}] and [${out}, rank, …] of one rank; got [${down.shape.join(", ")}] and [${up.shape.join(", ")}].`,
    );
  return factors;
}

async function floats(file: Blob, { dtype, begin, end }: StoredTensor): Promise<Float32Array> {
  if (!isStoredFloat(dtype))
    throw new Failure("unsupported", `A LoRA is stored as ${dtype}; wanted F32, F16 or BF16.`);
  const { buffer } = convertFloats(await file.slice(begin, end).arrayBuffer(), dtype, "F32");
  return new Float32Array(buffer);
}

/** weight [out, in] += up [out, rank] · down [rank, in], row by row; `in` is all that follows `out`. */
function addProduct(weight: Float32Array, up: Float32Array, down: Float32Array, rank: number): void {
  const width = down.length / rank;
  for (let row = 0; row * width < weight.length; row++) {
    const into = weight.subarray(row * width, (row + 1) * width);
    for (let k = 0; k < rank; k++) {
      const factor = up[row * rank + k] ?? 0;
      const from = down.subarray(k * width, (k + 1) * width);
      for (let i = 0; i < width; i++) into[i] = (into[i] ?? 0) + factor * (from[i] ?? 0);
    }
  }
}
