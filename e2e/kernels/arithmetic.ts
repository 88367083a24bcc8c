/** Sums, spreads, noise and writes against the host's. */

import { type LatentScale, unscale } from "../../src/checkpoint/config/latentScale";
import { philoxNormals } from "../../src/core/random";
import { elementCount, type HostTensor } from "../../src/core/tensor";
import { hostLatents } from "../../src/diffusion/latents";
import type { GpuTensor } from "../../src/runtime/gpu/tensorTable";
import { everyOf, farthest, type Harness, numbersOf, openHarness, rounded, uploaded } from "./harness";
import type { Answer } from "./page";

/** An odd count; tiny; as large as a latent of 1024 px; more than one dimension of workgroups can do. */
const ODD = [1, 3, 5, 7];
const TINY = [1, 4, 2, 2];
const LARGE = [1, 4, 128, 128];
const HUGE = [1, 4, 1024, 1040];

const noNoise = () => new Float32Array(0);

/** Terms 1 ... 8 with f32 and f16 mixed, each at another offset in its buffer. */
export async function sums(): Promise<Answer> {
  const harness = await openHarness();
  const numbers: Record<string, number> = {};
  for (const dims of [ODD, TINY, LARGE])
    for (let n = 1; n <= 8; n++)
      for (const pattern of dims === ODD ? [0, 0b10110101] : [0b01010011]) {
        const name = `${n} of [${dims}], halves ${pattern.toString(2)}`;
        numbers[name] = await sumError(harness, dims, n, (term) => ((pattern >> term) & 1) === 1);
      }
  numbers[`2 of [${HUGE}]`] = await sumError(harness, HUGE, 2, () => false);
  await harness.latentDevice.done();
  harness.gpu.device.destroy();
  return { numbers, words: {} };
}

/** Relative to Σ |coefficient · number|. */
async function sumError(
  harness: Harness,
  dims: readonly number[],
  n: number,
  isHalf: (term: number) => boolean,
) {
  const scope = harness.latentDevice.open(dims, 0n);
  const terms = Array.from({ length: n }, (_, term) => {
    const tensor = isHalf(term) ? rounded(numbersOf(dims, term)) : numbersOf(dims, term);
    const coefficient = Math.fround((term % 2 === 0 ? 1.7 : -0.3) * (term + 1));
    return {
      tensor,
      coefficient,
      there: uploaded(harness, tensor, isHalf(term) ? "float16" : "float32", 3 * term),
    };
  });
  const sum = scope.combine(terms.map(({ coefficient, there }) => [coefficient, there]));
  const { data } = await harness.latentDevice.read(sum);
  scope.close();
  for (const { there } of terms) there.buffer.destroy();
  const wanted = hostLatents(dims, noNoise).combine(
    terms.map(({ coefficient, tensor }) => [coefficient, tensor]),
  );
  const sizes = hostLatents(dims, noNoise).combine(
    terms.map(({ coefficient, tensor }) => [
      Math.abs(coefficient),
      { dims, data: tensor.data.map(Math.abs) },
    ]),
  );
  return farthest(data, wanted.data, sizes.data);
}

/** One spread towards another, each of another size and another mean. */
export async function spreads(): Promise<Answer> {
  const harness = await openHarness();
  const numbers: Record<string, number> = {};
  const choices = everyOf<Spread>({
    dims: [ODD, TINY, LARGE],
    dtypes: [
      ["float32", "float32"],
      ["float32", "float16"],
      ["float16", "float16"],
    ],
    strength: [0, 0.7, 1],
  });
  for (const spread of choices)
    numbers[`${spread.strength} of [${spread.dims}], ${spread.dtypes}`] = await spreadError(harness, spread);
  harness.gpu.device.destroy();
  return { numbers, words: {} };
}

interface Spread {
  readonly dims: readonly number[];
  readonly dtypes: readonly [latent: GpuTensor["dtype"], reference: GpuTensor["dtype"]];
  readonly strength: number;
}

/** Relative to the number. */
async function spreadError(harness: Harness, { dims, dtypes, strength }: Spread): Promise<number> {
  const latent = rounded(stretched(numbersOf(dims, 1), 3, 0.5));
  const reference = rounded(stretched(numbersOf(dims, 2), 0.4, -2));
  const scope = harness.latentDevice.open(dims, 0n);
  const result = scope.matchStandardDeviation(
    uploaded(harness, latent, dtypes[0], 5),
    uploaded(harness, reference, dtypes[1], 2),
    strength,
  );
  const { data } = await harness.latentDevice.read(result);
  scope.close();
  const wanted = hostLatents(dims, noNoise).matchStandardDeviation(latent, reference, strength);
  return farthest(data, wanted.data, wanted.data.map(Math.abs));
}

function stretched({ dims, data }: HostTensor, scale: number, shift: number): HostTensor {
  return { dims, data: data.map((z) => z * scale + shift) };
}

/** Draws 0, 1 and 2 of several seeds; one draw is long enough to reach far into the tails. */
export async function noise(): Promise<Answer> {
  const harness = await openHarness();
  const numbers: Record<string, number> = {};
  const seeds = [0n, 1n, 2n ** 32n, 2n ** 53n + 1n, 0xdeadbeef12345678n, 2n ** 64n - 1n];
  for (const [dims, asked] of [
    [ODD, seeds],
    [LARGE, seeds.slice(3, 5)],
    [[1, 4, 512, 512], [42n]],
  ] as const)
    for (const seed of asked) {
      const scope = harness.latentDevice.open(dims, seed);
      for (const draw of [0, 1, 2].slice(0, dims === ODD ? 3 : 1)) {
        const { data } = await harness.latentDevice.read(scope.noise());
        numbers[`draw ${draw} of ${seed}, [${dims}]`] = farthest(
          data,
          philoxNormals(seed, draw, elementCount(dims)),
        );
      }
      scope.close();
    }
  harness.gpu.device.destroy();
  return { numbers, words: {} };
}

const BY_CHANNEL: LatentScale = {
  scale: 0.13025,
  shift: 0,
  channels: [
    { mean: -1.6, deviation: 8.4 },
    { mean: 0.1, deviation: 5.9 },
    { mean: 1.3, deviation: 6.7 },
  ],
};

/** Copies in either dtype, as they are and by channel, from f32, f16 and the host; errors are relative to the number, if it is not too small. */
export async function writes(): Promise<Answer> {
  const harness = await openHarness();
  const numbers: Record<string, number> = {};
  const choices = everyOf<Written>({
    dims: [ODD, [1, 3, 128, 128]],
    from: ["float32", "float16", "host"],
    to: ["float32", "float16"],
    copies: [1, 2, 3],
    scale: [null, BY_CHANNEL],
  });
  for (const written of choices) {
    const { dims, from, to, copies, scale } = written;
    const name = `${from} to ${to}, ${copies} of [${dims}]${scale ? ", by channel" : ""}`;
    numbers[name] = await writeError(harness, written);
  }
  harness.gpu.device.destroy();
  return { numbers, words: {} };
}

interface Written {
  readonly dims: readonly number[];
  readonly from: GpuTensor["dtype"] | "host";
  readonly to: GpuTensor["dtype"];
  readonly copies: number;
  readonly scale: LatentScale | null;
}

async function writeError(harness: Harness, { dims, from, to, copies, scale }: Written): Promise<number> {
  const { latentDevice } = harness;
  const tensor = from === "float16" ? rounded(numbersOf(dims, 4)) : numbersOf(dims, 4);
  const source = from === "host" ? tensor : uploaded(harness, tensor, from, 1);
  const buffer = latentDevice.buffers.take(4 * copies * tensor.data.length);
  const affine = scale?.channels?.map(({ mean, deviation }) => ({
    scale: deviation / scale.scale,
    shift: mean,
  }));
  latentDevice.write(source, { buffer, dtype: to, copies }, affine);
  const [, ...rest] = dims;
  const { data } = await latentDevice.read(
    latentDevice.view(buffer, { dtype: to, dims: [copies, ...rest], offset: 0 }),
  );
  latentDevice.buffers.give(buffer);
  const one = scale ? unscale(tensor.data, scale) : tensor.data;
  const wanted = Float32Array.from(data, (_, i) => one[i % one.length] ?? Number.NaN);
  return farthest(
    data,
    wanted,
    wanted.map((z) => Math.max(Math.abs(z), scale ? 1 : 2 ** -14)),
  );
}
