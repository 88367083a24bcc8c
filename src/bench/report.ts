/** A benchmark's report as JSON, checked: what is written today can be read tomorrow. */

import * as v from "valibot";
import { Failure } from "../core/failure";
import { isSamplerId, type SamplerId } from "../core/recipe";
import type { BenchReport } from "../protocol/bench";

const text = v.string();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Milliseconds, bytes, ratios: more than nothing. */
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));

const BENCH_REPORT = v.strictObject({
  date: v.pipe(text, v.isoTimestamp()),
  versions: v.strictObject({ afterimage: text, onnxruntime: text }),
  machine: v.strictObject({
    cpu: v.nullable(text),
    cores: count,
    threads: count,
    memoryGb: v.nullable(amount),
    program: text,
    userAgent: v.nullable(text),
  }),
  backend: v.picklist(["wasm", "webgpu"]),
  gpu: v.nullable(
    v.strictObject({
      vendor: text,
      architecture: text,
      device: text,
      description: text,
      isSoftware: v.boolean(),
      features: v.array(text),
      limits: v.record(text, v.number()),
    }),
  ),
  engine: v.record(text, text),
  model: text,
  recipe: v.strictObject({
    sampler: v.custom<SamplerId>((id) => typeof id === "string" && isSamplerId(id), "is not a sampler's id"),
    steps: count,
    guidance: v.number(),
    widthPx: count,
    heightPx: count,
  }),
  pictures: count,
  firstPictureMs: v.strictObject({ cold: amount, warm: amount }),
  openMs: v.strictObject({ cold: amount, warm: amount }),
  medianMs: v.strictObject({
    encode: amount,
    predict: amount,
    decode: amount,
    match: v.nullable(amount),
    // The rest of a picture: below nothing where a clock is coarse.
    host: v.pipe(v.number(), v.finite()),
    picture: amount,
    pictureWithPreviews: amount,
  }),
  totalOverBareCalls: amount,
  readBackBytesPerStep: v.nullable(amount),
  naive: v.nullable(
    v.strictObject({
      pictureMs: amount,
      readBackBytesPerStep: v.nullable(amount),
      overOurs: amount,
      levelsApart: amount,
    }),
  ),
  memory: v.strictObject({
    fewPictures: count,
    manyPictures: count,
    courses: v.array(
      v.strictObject({
        kind: v.picklist(["process", "wasm", "gpu"]),
        fewBytes: amount,
        manyBytes: amount,
        peakBytes: amount,
      }),
    ),
  }),
  scaling: v.array(
    v.strictObject({
      steps: count,
      sidePx: count,
      pictures: count,
      measured: v.nullable(v.strictObject({ totalMs: amount, unitMs: amount, totalOverBareCalls: amount })),
    }),
  ),
});

/** Reads a report. @throws {Failure} "bad-request" naming the field that is not as it should be. */
export function readBenchReport(json: unknown): BenchReport {
  const result = v.safeParse(BENCH_REPORT, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Failure(
    "bad-request",
    `The benchmark's report: ${v.getDotPath(issue) ?? "it"}: ${issue.message}; measure again with \`npm run bench\`.`,
  );
}
