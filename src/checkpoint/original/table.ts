/** From names of the original layout (CompVis, Stability AI) to those of diffusers and transformers. */

import { Failure } from "../../core/failure";
import type { Parameter, Parameters } from "../checkpoint";
import type { SafetensorsHeader, StoredTensor } from "../weights/safetensors";

/** Where a file of the original layout has a parameter. */
export interface Origin {
  /** The tensor's name, without the prefix of its network. */
  readonly tensor: string;
  /** Which third of its rows, where query, key and value are fused in one tensor; null: all of them. */
  readonly third: 0 | 1 | 2 | null;
  /** True for a matrix that multiplies from the right, [in, out]. */
  readonly isTransposed: boolean;
}

/** Every parameter of one network, by the name that diffusers has for it. */
export type Table = ReadonlyMap<string, Origin>;

/** A table in the making: a name that two tensors claim has no meaning. */
export class TableBuilder {
  readonly #table = new Map<string, Origin>();

  /** @param network for messages, e.g. "unet". */
  constructor(readonly network: string) {}

  /** @throws {Failure} "model-corrupt" if the name is taken. */
  add(name: string, tensor: string, { third = null, isTransposed = false }: Partial<Origin> = {}): void {
    const taken = this.#table.get(name);
    if (taken)
      throw new Failure(
        "model-corrupt",
        `${this.network}: ${taken.tensor} and ${tensor} are both ${name}; wanted one of them. Fetch another copy of the file.`,
      );
    this.#table.set(name, { tensor, third, isTransposed });
  }

  /** The table so far. */
  get table(): Table {
    return this.#table;
  }
}

/** A part that networks of the original layout are made of, or its kind of networks, never had. */
export function unknownTensor(network: string, tensor: string): Failure {
  return new Failure(
    "unsupported",
    `${network}: this file has ${tensor}, which no Stable Diffusion ${network} of the original layout has: it is of another kind.`,
  );
}

/** Numbers in use must be 0, 1, 2, …: a file that lost a block would otherwise pass for a smaller network. */
export function refuseGaps(network: string, what: string, used: Iterable<number>): void {
  const sorted = [...new Set(used)].sort((a, b) => a - b);
  const missing = sorted.findIndex((number, i) => number !== i);
  if (missing < 0) return;
  throw new Failure(
    "model-corrupt",
    `${network}: ${what}.${missing} is missing though ${what}.${sorted.at(-1)} is there. Fetch the file again.`,
  );
}

/**
 * Where the parameters of a table lie.
 *
 * @param prefix what the file writes before each name of the table.
 * @throws {Failure} "model-corrupt" if a fused or transposed tensor has not the shape of one.
 */
export function locate(file: Blob, header: SafetensorsHeader, prefix: string, table: Table): Parameters {
  const parameters = new Map<string, Parameter>();
  for (const [name, origin] of table) {
    const tensor = header.get(prefix + origin.tensor);
    if (!tensor) throw new Failure("internal", `${prefix}${origin.tensor} is in the table, not in the file.`);
    parameters.set(name, { file, ...rangeOf(prefix + origin.tensor, tensor, origin) });
  }
  return parameters;
}

function rangeOf(name: string, tensor: StoredTensor, { third, isTransposed }: Origin) {
  const { dtype, shape, begin, end } = tensor;
  if (isTransposed) {
    const [rows, columns, ...more] = shape;
    if (rows === undefined || columns === undefined || more.length > 0)
      throw misshapen(name, shape, "a matrix");
    return { dtype, shape: [columns, rows], begin, end, isTransposed };
  }
  if (third === null) return { dtype, shape, begin, end, isTransposed };
  const [rows = 0, ...rest] = shape;
  const bytes = (end - begin) / 3;
  if (rows === 0 || rows % 3 !== 0 || !Number.isInteger(bytes))
    throw misshapen(name, shape, "query, key and value one under the other");
  return {
    dtype,
    shape: [rows / 3, ...rest],
    begin: begin + third * bytes,
    end: begin + (third + 1) * bytes,
    isTransposed,
  };
}

function misshapen(name: string, shape: readonly number[], wanted: string): Failure {
  return new Failure(
    "model-corrupt",
    `${name}: wanted ${wanted}, the file has [${shape.join(", ")}]. Fetch it again.`,
  );
}
