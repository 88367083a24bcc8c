/** A tensor written where a network wants it, as a compute shader: in its dtype, several times over, scaled and shifted. */

import {
  declareParams,
  declareResult,
  declareSources,
  type FloatType,
  forEach,
  type Kernel,
  whole,
} from "./wgsl";

/**
 * result = `copies` times scale · source + shift, one copy behind the other. With float16 an invocation writes a word of two
 * numbers; behind an odd number of them the last word is filled up with another.
 * Whole parameters: invocations, offset, count of one copy, numbers of one channel. Real ones: a row of [scale, shift, 0, 0] by
 * channel.
 */
export function writeKernel(from: FloatType, to: FloatType, channels: number): Kernel {
  const isWide = to === "float32";
  return {
    name: `write ${from},${to},${channels}`,
    code: () => `
${declareParams(4, 4 * channels)}${declareSources([from])}${declareResult(1, isWide ? "f32" : "u32")}
fn value(at: u32) -> f32 {
  let i = at % ${whole(2)};
  let affine = params.real[i / ${whole(3)}];
  return fma(load0(${whole(1)} + i), affine.x, affine.y);
}
${forEach(whole(0), isWide ? "result[i] = value(i);" : "result[i] = pack2x16float(vec2f(value(2u * i), value(2u * i + 1u)));")}`,
  };
}
