/** From latents or planes to opaque pixels, as a compute shader. */

import {
  declareParams,
  declareResult,
  declareSources,
  type FloatType,
  forEach,
  type Kernel,
  whole,
} from "./wgsl";

/** Red of a pixel with alpha 0 -> the number that was not finite. */
const FLAWS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;

/**
 * Each pixel as a word of bytes R, G, B, A, with the arithmetic of image/pixels.ts: level / 2 + 0.5, times 255, rounded half to even,
 * all in f32. Where a level is not finite, alpha is 0 ({@link flawOf}). It is told by the bits of its exponent: compilers of shaders may
 * take it that no number is ever NaN, and drop a comparison.
 * Whole parameters: pixels, offset. Real ones: a row of the bias [r, g, b, 0], then one by channel.
 *
 * @param channels of a linear map, or null where the source is three planes of RGB already.
 */
export function pixelKernel(dtype: FloatType, channels: number | null): Kernel {
  const at = (channel: string) => `load0(${whole(1)} + ${channel} * ${whole(0)} + i)`;
  const level =
    channels === null
      ? `let level = vec3f(${at("0u")}, ${at("1u")}, ${at("2u")});`
      : `
  var level = params.real[0].xyz;
  for (var channel = 0u; channel < ${channels}u; channel++) {
    level = fma(vec3f(${at("channel")}), params.real[channel + 1u].xyz, level);
  }`;
  return {
    name: `pixels ${dtype},${channels}`,
    code: () => `
${declareParams(2, 4 * (1 + (channels ?? 0)))}${declareSources([dtype])}${declareResult(1, "u32")}
fn isFinite(bits: u32) -> bool { return (bits & 0x7f800000u) != 0x7f800000u; }

fn flaw(bits: u32) -> u32 {
  if ((bits & 0x7fffffu) != 0u) { return 0u; }
  return 1u + (bits >> 31u);
}
${forEach(
  whole(0),
  `${level}
  let bits = bitcast<vec3u>(level);
  for (var plane = 0u; plane < 3u; plane++) {
    if (!isFinite(bits[plane])) {
      result[i] = flaw(bits[plane]);
      return;
    }
  }
  let bytes = vec3u(round(clamp(255.0 * (level * 0.5 + 0.5), vec3f(), vec3f(255.0))));
  result[i] = bytes.x | (bytes.y << 8u) | (bytes.z << 16u) | 0xff000000u;`,
)}`,
  };
}

/** The first number that was not finite, of all that went into these pixels; null if there was none. */
export function flawOf(pixels: Uint32Array): number | null {
  for (const pixel of pixels) if (pixel >>> 24 === 0) return FLAWS[pixel] ?? Number.NaN;
  return null;
}
