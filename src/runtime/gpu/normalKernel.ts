/** Philox normals as a compute shader: the numbers of core/random.ts, wherever they are made. */

import { declareParams, declareResult, forEach, type Kernel, whole } from "./wgsl";

/** fround(2π) / 4 − π/2: core/random.ts holds 2π in single precision, and so it has gone round a little more by the end of each quarter. */
const QUARTER_EXCESS = Math.fround(2 * Math.PI) / 4 - Math.PI / 2;

/**
 * result[i] = normal i of a draw. The words x and y are core/philox.ts to the bit; the Box-Muller transform agrees with that
 * of core/random.ts within 1e-6. WGSL's own `sin` and `log` may be off by 2^-11, and GPUs make use of it, so that a seed would be another
 * picture on another GPU; here only +, −, ·, / and `sqrt` are asked of it.
 * Whole parameters: count, draw, low and high half of the seed.
 */
export function normalKernel(): Kernel {
  return {
    name: "normals",
    code: () => `
${declareParams(4, 0)}${declareResult(0, "f32")}
${PHILOX}${RADIUS}${SINE}
${forEach(whole(0), `let words = philox(i, ${whole(1)}, vec2u(${whole(2)}, ${whole(3)})); result[i] = radius(words.x) * sine(words.y);`)}`,
  };
}

/** Salmon et al. 2011, section 3.3, as core/philox.ts has it. */
const PHILOX = `
fn high(a: u32, b: u32) -> u32 { // upper word of the product, from products of halves
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}

fn philox(i: u32, draw: u32, seed: vec2u) -> vec4u {
  var c = vec4u(draw, 0u, i, 0u);
  var key = seed;
  for (var round = 0u; round < 10u; round++) {
    c = vec4u(
      high(0xcd9e8d57u, c.z) ^ c.y ^ key.x, 0xcd9e8d57u * c.z,
      high(0xd2511f53u, c.x) ^ c.w ^ key.y, 0xd2511f53u * c.x,
    );
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}`;

/**
 * √(−2 ln u), u = (x + ½) / 2^32. With m in [√½, √2), ln m = 2 atanh s = 2 (s + s³/3 + s⁵/5 + …), s = (m − 1) / (m + 1). Above a
 * half it is ln(1 − w), and s = −w / (2 − w), with w = 1 − u = (¬x + ½) / 2^32 out of whole numbers, so that nothing
 * cancels. WGSL lets a root be a few units off in the last place, so that it is corrected by a step of Newton's.
 */
const RADIUS = `
fn twiceAtanh(s: f32) -> f32 {
  let z = s * s;
  var series = 1.0 / 15.0;
  series = fma(series, z, 1.0 / 13.0);
  series = fma(series, z, 1.0 / 11.0);
  series = fma(series, z, 1.0 / 9.0);
  series = fma(series, z, 1.0 / 7.0);
  series = fma(series, z, 1.0 / 5.0);
  series = fma(series, z, 1.0 / 3.0);
  return 2.0 * fma(s * z, series, s);
}

fn minusLog(x: u32) -> f32 {
  if (x >= 0x80000000u) {
    let w = (f32(~x) + 0.5) * 0x1p-32;
    return twiceAtanh(w / (2.0 - w));
  }
  let bits = bitcast<u32>(f32(x) + 0.5);
  let isUpper = (bits & 0x7fffffu) > 0x3504f3u; // mantissa above √2
  let m = bitcast<f32>((bits & 0x7fffffu) | select(0x3f800000u, 0x3f000000u, isUpper));
  let exponent = i32(bits >> 23u) - select(127, 126, isUpper);
  return fma(f32(32 - exponent), ${Math.LN2}, -twiceAtanh((m - 1.0) / (m + 1.0)));
}

fn radius(x: u32) -> f32 {
  let square = 2.0 * minusLog(x);
  let root = sqrt(square);
  return root + fma(-root, root, square) / (2.0 * root);
}`;

/**
 * sin(fround(2π) v), v = (y + ½) / 2^32. The upper two bits of y say which quarter turn, the others how far it is from the sine's
 * zero and from its crest, as whole numbers, so that nothing cancels; the nearer one is where Taylor's series begins.
 */
const SINE = `
fn angle(parts: u32, excess: f32) -> f32 { // (parts + ½) / 2^30 of a quarter turn
  return fma(f32(parts) + 0.5, ${Math.fround(2 * Math.PI) / 4} * 0x1p-30, excess);
}

fn sine(y: u32) -> f32 {
  let quarter = y >> 30u;
  let isFalling = (quarter & 1u) == 1u;
  let gone = y & 0x3fffffffu;
  let fromZero = select(gone, 0x3fffffffu - gone, isFalling);
  let excess = select(f32(quarter), -f32(quarter + 1u), isFalling) * ${QUARTER_EXCESS};
  var level: f32;
  if (fromZero < 0x20000000u) {
    let a = angle(fromZero, excess);
    let z = a * a;
    level = fma(a * z, fma(z, fma(z, fma(z, 1.0 / 362880.0, -1.0 / 5040.0), 1.0 / 120.0), -1.0 / 6.0), a);
  } else {
    let a = angle(0x3fffffffu - fromZero, -(excess + ${QUARTER_EXCESS}));
    let z = a * a;
    level = fma(z, fma(z, fma(z, fma(z, fma(z, -1.0 / 3628800.0, 1.0 / 40320.0), -1.0 / 720.0), 1.0 / 24.0), -0.5), 1.0);
  }
  return select(level, -level, quarter >= 2u);
}`;
