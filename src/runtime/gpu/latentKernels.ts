/** The operations of samplers on latents, as compute shaders: sums, and one spread brought towards another. */

import {
  declareParams,
  declareResult,
  declareSources,
  type FloatType,
  forEach,
  type Kernel,
  real,
  whole,
} from "./wgsl";

/** Terms that one dispatch can sum: with the result seven buffers, where every WebGPU device can bind eight. */
export const TERMS_MAX = 6;

/**
 * result[i] = Σ coefficient · source[offset + i] in f32, from the first term to the last.
 * Whole parameters: count, offset of each term. Real ones: coefficients.
 */
export function combineKernel(dtypes: readonly FloatType[]): Kernel {
  const n = dtypes.length;
  const sum = () =>
    dtypes.reduce(
      (before, _, term) => `fma(${real(term)}, load${term}(${whole(term + 1)} + i), ${before})`,
      "0.0",
    );
  return {
    name: `combine ${dtypes.join()}`,
    code: () => `
${declareParams(n + 1, n)}${declareSources(dtypes)}${declareResult(n, "f32")}
${forEach(whole(0), `result[i] = ${sum()};`)}`,
  };
}

/** Invocations of the one workgroup that {@link spreadKernel} is dispatched with. */
const LANES = 256;

/**
 * result = latent · (φ · std(reference) / std(latent) + 1 − φ), std over all elements, in two passes as the host has it; the n − 1
 * of two unbiased deviations cancels. One workgroup, so that its invocations can add up what they found.
 * Whole parameters: count, offset of the latent, offset of the reference. Real: φ.
 */
export function spreadKernel(latent: FloatType, reference: FloatType): Kernel {
  return {
    name: `spread ${latent},${reference}`,
    code: () => `
${declareParams(3, 1)}${declareSources([latent, reference])}${declareResult(2, "f32")}
var<workgroup> sums: array<vec2f, ${LANES}>;

fn both(i: u32) -> vec2f { return vec2f(load0(${whole(1)} + i), load1(${whole(2)} + i)); }

fn total(lane: u32, mine: vec2f) -> vec2f {
  workgroupBarrier(); // somebody may still read the total before this one
  sums[lane] = mine;
  for (var width = ${LANES / 2}u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) { sums[lane] += sums[lane + width]; }
  }
  workgroupBarrier();
  return sums[0];
}

@compute @workgroup_size(${LANES})
fn main(@builtin(local_invocation_index) lane: u32) {
  let count = ${whole(0)};
  var sum = vec2f();
  for (var i = lane; i < count; i += ${LANES}u) { sum += both(i); }
  let mean = total(lane, sum) / f32(count);
  var squares = vec2f();
  for (var i = lane; i < count; i += ${LANES}u) {
    let deviation = both(i) - mean;
    squares += deviation * deviation;
  }
  let variances = total(lane, squares);
  let factor = ${real(0)} * sqrt(variances.y / variances.x) + (1.0 - ${real(0)});
  for (var i = lane; i < count; i += ${LANES}u) { result[i] = factor * load0(${whole(1)} + i); }
}`,
  };
}
