/**
 * Low-rank changes to a network's weights, merged before its session is made: W + s · up · down. Hu et al. 2021
 * (arXiv:2106.09685), eq. 3; for a convolution, up is 1x1 and down has the kernel. Files and names as peft and diffusers
 * write them: `<network>.<module>.lora_A.weight` is down [r, in, …], `<network>.<module>.lora_B.weight` is up [out, r, …].
 */

import { Failure } from "../core/failure";
import { convertFloats, isStoredFloat } from "./dtype";
import type { BoundGraph, Place } from "./graph";
import { readHeader, type StoredTensor } from "./safetensors";
import type { Mount } from "./weights";

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
 * Adds s · up · down to the weights in `mounts`, where they stand: computed in f32, rounded to the dtype of the graph.
 *
 * @param network for messages.
 * @param mounts what was read for `bound`.
 * @param scale s; 1 is as strong as it was trained.
 * @throws {Failure} "unsupported" if the network has no such parameter, "model-corrupt" if shapes or ranks do not go together.
 */
export async function mergeLora(
  network: string,
  { places }: BoundGraph,
  mounts: readonly Mount[],
  lora: Lora,
  scale: number,
): Promise<void> {
  const changes = [...lora.changes].map(([name, factors]) => {
    const place = places.get(name);
    if (place) return { place, factors: checked(lora.path, name, place, factors) };
    throw new Failure("unsupported", `${lora.path} is for another network: ${network} has no ${name}.`);
  });
  const bytes = new Map(mounts.map(({ path, data }) => [path, data]));
  for (const { place, factors } of changes) {
    const { location, begin, end, dtype } = place;
    const mount = bytes.get(location);
    if (!mount) throw new Failure("internal", `${network}: ${location} was not read.`);
    const weight = new Float32Array(convertFloats(mount.slice(begin, end).buffer, dtype, "F32").buffer);
    const up = await floats(lora.file, factors.up);
    const down = await floats(lora.file, factors.down);
    addProduct(
      weight,
      up.map((u) => scale * u),
      down,
      factors.down.shape[0] ?? 0,
    );
    mount.set(convertFloats(weight.buffer, "F32", dtype), begin);
  }
}

/** down [r, in, …] and up [out, r, 1, …] of a weight [out, in, …]. */
function checked(path: string, name: string, { dims }: Place, factors: Factors): Factors {
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
