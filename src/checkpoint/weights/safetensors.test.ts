import fc from "fast-check";
import { expect, it } from "vitest";
import { Failure } from "../../core/failure";
import { repeatedKey } from "../json";
import { findContradiction, readHeader, readSafetensors } from "./safetensors";

/** A file with this header (of this claimed length) and so many bytes of data. */
function file(header: unknown, dataBytes: number, claimed?: bigint): Blob {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, claimed ?? BigInt(text.length), true);
  return new Blob([length.buffer, text, new Uint8Array(dataBytes)]);
}

const f32 = (shape: readonly number[], begin: number, end: number) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});
const sound = {
  __metadata__: { format: "pt" },
  a: f32([2, 3], 0, 24),
  b: { dtype: "BF16", shape: [], data_offsets: [24, 26] },
  c: { dtype: "F4", shape: [9], data_offsets: [26, 31] },
};

it("[CK19] reads names, dtypes, shapes and ranges counted from the start of the file", async () => {
  const blob = file(sound, 31);
  const begin = blob.size - 31;
  expect([...(await readHeader(blob, "x"))]).toEqual([
    ["a", { dtype: "F32", shape: [2, 3], begin, end: begin + 24 }],
    ["b", { dtype: "BF16", shape: [], begin: begin + 24, end: begin + 26 }],
    ["c", { dtype: "F4", shape: [9], begin: begin + 26, end: begin + 31 }],
  ]);
});

it.each<[string, Blob, RegExp]>([
  ["an empty file", new Blob([]), /has 0 bytes/],
  ["a header longer than the file", file(sound, 31, 10_000n), /claims 10000 bytes/],
  ["a header of 2^63 bytes", file(sound, 31, 2n ** 63n), /claims 9223372036854775808 bytes/],
  ["no header", file("", 0), /claims 0 bytes/],
  ["no JSON", file("{oops", 0), /not JSON/],
  ["a list", file([1], 0), /not a JSON object/],
  ["a tensor that is no object", file({ a: 1 }, 0), /a is not described/],
  ["no dtype", file({ a: { shape: [1], data_offsets: [0, 4] } }, 4), /a has no dtype/],
  ["a negative extent", file({ a: f32([-1], 0, 4) }, 4), /a has no shape/],
  ["half an element", file({ a: f32([0.5], 0, 2) }, 4), /a has no shape/],
  ["one offset", file({ a: { dtype: "F32", shape: [1], data_offsets: [0] } }, 4), /no pair of data_offsets/],
  ["a range that ends before it begins", file({ a: f32([1], 4, 0) }, 4), /claims bytes/],
  ["a file cut short", file({ a: f32([2], 0, 8) }, 7), /may be cut short/],
  ["too few bytes for the shape", file({ a: f32([2], 0, 4) }, 8), /a is F32 \[2\], 8 bytes, but has 4/],
  [
    "a name that stands there twice",
    file(`{"a":${JSON.stringify(f32([1], 0, 4))},"a":${JSON.stringify(f32([1], 0, 4))}}`, 4),
    /has a twice/,
  ],
  [
    "the same in other letters",
    file('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\u0061":{}}', 4),
    /has a twice/,
  ],
  [
    "a dtype that stands there twice",
    file('{"a":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,4]}}', 4),
    /has dtype twice/,
  ],
  ["2^53 numbers", file({ a: f32([2 ** 53 - 1], 0, 4) }, 4), /but has 4/],
  [
    "more numbers than a number can count",
    file({ a: f32([2 ** 53 - 1, 2 ** 53 - 1, 2 ** 53 - 1], 0, 4) }, 4),
    /but has 4/,
  ],
  ["offsets at 2^53", file({ a: f32([1], 2 ** 53 - 1, 2 ** 53 - 1) }, 4), /may be cut short/],
  ["offsets beyond 2^53", file({ a: f32([1], 0, 2 ** 60) }, 4), /no pair of data_offsets/],
  ["a header that claims 100 MB", file(sound, 31, 100_000_000n), /claims 100000000 bytes/],
  ["a bracket of the wrong kind at the end", file('{"__metadata__":{}]', 0), /not JSON/],
  ["a comma at the end", file('{"__metadata__":{},}', 0), /not JSON/],
  ["more behind its object", file('{"__metadata__":{}} {}', 0), /not JSON/],
  ["an object without an end", file('{"__metadata__":{}', 0), /not JSON/],
  ["lists in lists without an end", file(`{"a":${"[".repeat(1e6)}`, 0), /in more than 127 others/],
  ["overlapping ranges", file({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8), /a and b claim the same bytes/],
])("[CK20] refuses %s and says why", async (_, blob, reason) => {
  const failure = await readHeader(blob, "unet/x.safetensors").catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "model-corrupt", message: expect.stringMatching(reason) });
  expect(failure).toMatchObject({ message: expect.stringMatching(/^unet\/x\.safetensors: /) });
});

/** A header that is believed keeps its promises; any other is a Failure. */
async function expectTruthOrFailure(blob: Blob): Promise<void> {
  const outcome = await readHeader(blob, "x").catch((error: unknown) => error);
  if (outcome instanceof Failure) {
    expect(outcome.code).toBe("model-corrupt");
    return;
  }
  expect(outcome).toBeInstanceOf(Map);
  for (const { begin, end } of (outcome as Awaited<ReturnType<typeof readHeader>>).values()) {
    expect(begin).toBeLessThanOrEqual(end);
    expect(end).toBeLessThanOrEqual(blob.size);
  }
}

it("[CK20] cut anywhere, or with any byte changed, a file is refused or still tells the truth", async () => {
  const whole = new Uint8Array(await file(sound, 31).arrayBuffer());
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), async (cut, at, byte) => {
      const changed = whole.with(at, byte).slice(0, cut);
      await expectTruthOrFailure(new Blob([changed]));
    }),
    { numRuns: 500 },
  );
});

it("[CK20] whatever JSON a header holds, it is refused or tells the truth", async () => {
  const entry = fc.record(
    {
      dtype: fc.oneof(fc.constantFrom("F32", "F16", "I64", "BOOL"), fc.jsonValue()),
      shape: fc.oneof(fc.array(fc.integer({ min: -1, max: 9 })), fc.jsonValue()),
      data_offsets: fc.oneof(
        fc.tuple(fc.integer(), fc.integer()),
        fc.tuple(fc.nat(64), fc.nat(64)),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  );
  const header = fc.dictionary(
    fc.oneof(fc.string(), fc.constant("__proto__")),
    fc.oneof(entry, fc.jsonValue()),
  );
  await fc.assert(
    fc.asyncProperty(header, (described) => expectTruthOrFailure(file(described, 64))),
    { numRuns: 500 },
  );
});

/** Everything that can be wrong with one of a header's tensors, or nothing. */
const LIES = ["none", "overlap", "beyond", "shape", "twice", "huge", "negative", "dtype"] as const;

function headerWith(lie: (typeof LIES)[number], at: number, counts: readonly number[]): string {
  let end = 0;
  const entries = counts.map((count, i) => {
    const begin = end;
    end += 4 * count;
    const entry = { dtype: "F32", shape: [count], data_offsets: [begin, end] };
    return [`t${i}`, entry] as const;
  });
  const [name, { shape, data_offsets }] = entries[at % entries.length] ?? expect.fail("no entry");
  const [begin = 0, until = 0] = data_offsets;
  const lies: Record<(typeof LIES)[number], object> = {
    none: {},
    overlap: { data_offsets: begin === 0 ? [begin, until + 4] : [begin - 4, until - 4] },
    beyond: { data_offsets: [end - 4 * (shape[0] ?? 0) + 4, end + 4] },
    shape: { shape: [(shape[0] ?? 0) + 1] },
    twice: {},
    huge: { shape: [2 ** 53 - 1, 2 ** 53 - 1] },
    negative: { data_offsets: [-4, until] },
    dtype: { dtype: 32 },
  };
  const lied = entries.map(([key, entry]) => [key, key === name ? { ...entry, ...lies[lie] } : entry]);
  const text = JSON.stringify(Object.fromEntries(lied));
  return lie === "twice" ? text.replace(/}$/, `,${JSON.stringify(name)}:{}}`) : text;
}

it("[CK20] one lie anywhere among many true tensors is found, and the truth is believed", async () => {
  const counts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...LIES), fc.nat(19), counts, async (lie, at, sizes) => {
      const bytes = 4 * sizes.reduce((a, b) => a + b, 0);
      const reading = readHeader(file(headerWith(lie, at, sizes), bytes), "x");
      if (lie === "none") expect((await reading).size).toBe(sizes.length);
      else await expect(reading).rejects.toMatchObject({ code: "model-corrupt" });
    }),
    { numRuns: 300 },
  );
});

it("[CK21] a header of megabytes is read or refused in a sentence, whatever is in it", async () => {
  const escapes = { __metadata__: { a: '"'.repeat(3e6) } };
  expect((await readSafetensors(file(escapes, 0), "x")).metadata.get("a")).toHaveLength(3e6);
  const lists = `{"a":${"[".repeat(1e6)}${"]".repeat(1e6)}}`;
  await expect(readHeader(file(lists, 0), "x")).rejects.toMatchObject({ code: "model-corrupt" });
});

const LONG = "länger.".repeat(1000);

/** A header of 8 KB a tensor, in many pieces. */
function long(tensors: number, last = "last"): Blob {
  const entries = Array.from({ length: tensors }, (_, i) => {
    const name = i === tensors - 1 ? last : `${LONG}${i}`;
    return `"${name}":{"dtype":"F16","shape":[1],"data_offsets":[${2 * i},${2 * i + 2}]}`;
  });
  return file(`{"__metadata__":{"format":"pt"},${entries.join(",\n")}}   `, 2 * tensors);
}

it("[CK21] a header of more than 16 MB is read, with turns for others, and a key twice in it is found", async () => {
  const blob = long(2200);
  expect(blob.size).toBeGreaterThan(17e6);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const { tensors, metadata } = await readSafetensors(blob, "x");
  clearInterval(timer);
  expect(turns).toBeGreaterThan(10);
  expect(tensors.size).toBe(2200);
  expect(tensors.get(`${LONG}2000`)).toMatchObject({ shape: [1] });
  expect(metadata.get("format")).toBe("pt");
  expect(await findContradiction(blob)).toBeNull();
  await expect(readHeader(long(200, `${LONG}1`), "x")).rejects.toThrow(
    `x: the header has ${LONG}1 twice. Fetch the file again.`,
  );
});

it("[CK22] finds a repeated key wherever it is, and nowhere else", () => {
  const plain = fc.jsonValue().map((value) => JSON.stringify(value));
  fc.assert(fc.property(plain, (text) => void expect(repeatedKey(text)).toBeNull()));
  fc.assert(
    fc.property(fc.string(), plain, plain, (key, one, other) => {
      const name = JSON.stringify(key);
      expect(repeatedKey(`[${one}, {"x": {${name}: ${one}, "": 1, ${name}: ${other}}}]`)).toBe(key);
    }),
  );
});
