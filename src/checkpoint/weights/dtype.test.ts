import fc from "fast-check";
import { expect, it } from "vitest";
import { convertFloats, floatsToHalves, halvesToFloats } from "./dtype";

const EVERY = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

/** IEEE 754-2019, 3.4: the value of a sign, an exponent and a fraction of the given widths. */
function ieeeValue(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >>> (exponentBits + fractionBits) ? -1 : 1;
  const exponent = (bits >>> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1)
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}

/** Rounds to a multiple of float16's spacing at this magnitude; a tie goes to the even multiple. */
function nearestHalf(value: number): number {
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 1)));
  const spacing = 2 ** (exponent - 10);
  const below = Math.floor(value / spacing);
  const rest = value / spacing - below;
  const rounded = (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below) * spacing;
  return Math.abs(rounded) >= 65536 ? Math.sign(value) * Number.POSITIVE_INFINITY : rounded;
}

/** As matchers compare, NaN like NaN and -0 unlike 0; but a matcher that prints differences takes seconds for this. */
const equal = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length && Array.prototype.every.call(a, (value, i) => Object.is(value, b[i]));

const anyFloat32 = fc.oneof(
  fc
    .integer({ min: 0, max: 0xffffffff })
    .map((bits) => new Float32Array(Uint32Array.of(bits).buffer)[0] ?? 0),
  fc.float({ min: -70000, max: 70000, noNaN: true }),
  fc.float({ min: -Math.fround(2 ** -13), max: Math.fround(2 ** -13), noNaN: true }),
);
const narrow = (value: number) => halvesToFloats(floatsToHalves(Float32Array.of(value)))[0];

it("[CK23] reads all 65,536 halves as IEEE 754 defines them", () => {
  expect(
    equal(
      halvesToFloats(EVERY),
      Float32Array.from(EVERY, (bits) => ieeeValue(bits, 5, 10)),
    ),
  ).toBe(true);
});

it("[CK23] reads all 65,536 bfloat16 as the upper halves of float32", () => {
  const floats = new Float32Array(convertFloats(EVERY.slice().buffer, "BF16", "F32").buffer);
  expect(
    equal(
      floats,
      Float32Array.from(EVERY, (bits) => ieeeValue(bits, 8, 7)),
    ),
  ).toBe(true);
});

it("[CK23] writes the nearest half, ties to even", () => {
  fc.assert(
    fc.property(anyFloat32, (value) => {
      if (Number.isFinite(value)) expect(narrow(value) === nearestHalf(value), String(value)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

it("[CK23] turns halves into themselves by way of float32, NaN payloads made quiet", () => {
  const round = floatsToHalves(halvesToFloats(EVERY));
  const quiet = EVERY.map((bits) => ((bits & 0x7fff) > 0x7c00 ? bits | 0x200 : bits));
  expect(equal(round, quiet)).toBe(true);
});

it.each([
  ["half way to infinity is infinite", 65520, Number.POSITIVE_INFINITY],
  ["just below stays finite", 65519.996, 65504],
  ["infinity", Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ["half the smallest subnormal ties to zero", 2 ** -25, 0],
  ["a little more is the smallest subnormal", 2 ** -25 * 1.001, 2 ** -24],
  ["the largest subnormal rounds up to normal", 2 ** -14 - 2 ** -26, 2 ** -14],
  ["negative zero keeps its sign", -0, -0],
])("[CK23] %s", (_, value, wanted) => {
  expect(narrow(value)).toBe(wanted);
});

it("[CK23] turns bfloat16 into halves as float32 would be turned", () => {
  const floats = new Float32Array(convertFloats(EVERY.slice().buffer, "BF16", "F32").buffer);
  const direct = new Uint16Array(convertFloats(EVERY.slice().buffer, "BF16", "F16").buffer);
  expect(equal(direct, floatsToHalves(floats))).toBe(true);
});
