/** The benchmark, from opening the model to the report. It runs unchanged in Node and in a browser's worker. */

import { version } from "../../package.json";
import { type BenchGpu, type BenchPlan, type BenchReport, FEW_PICTURES } from "../protocol/bench";
import { drawn } from "./drawn";
import { pictures } from "./laps";
import { memoryOver } from "./memory";
import { scaling } from "./scaling";
import { rounded } from "./statistics";
import { recipeOf, type Subject, type Surroundings } from "./subject";

/** Seeds of first pictures: no other part draws them, so their texts are new. */
const FIRST_SEEDS = { cold: 30_000, warm: 30_001 };

/**
 * Opens a model twice and measures everything.
 *
 * @param open opens the model as whoever draws with it does; the networks are disposed here.
 * @throws {Failure} as opening and drawing do, "cancelled" if the surroundings say so.
 */
export async function bench(
  open: () => Promise<Subject>,
  plan: BenchPlan,
  surroundings: Surroundings,
): Promise<BenchReport> {
  const { report } = surroundings;
  report({ part: "opening", done: 0, total: 2 });
  const cold = await firstPicture(open, FIRST_SEEDS.cold, surroundings);
  await cold.subject.networks.dispose();
  report({ part: "opening", done: 1, total: 2 });
  const warm = await firstPicture(open, FIRST_SEEDS.warm, surroundings);
  const { subject } = warm;
  try {
    report({ part: "pictures", done: 0, total: plan.pictures });
    const findings = await pictures(plan.pictures, subject, surroundings, (done) =>
      report({ part: "pictures", done, total: plan.pictures }),
    );
    report({ part: "memory", done: 0, total: plan.manyPictures });
    const courses = await memoryOver(plan.manyPictures, subject, surroundings, (done) =>
      report({ part: "memory", done, total: plan.manyPictures }),
    );
    const points = await scaling(plan.scalingMs, subject, surroundings, (done, total) =>
      report({ part: "scaling", done, total }),
    );
    return {
      ...about(subject, surroundings),
      firstPictureMs: { cold: rounded(cold.totalMs, 1), warm: rounded(warm.totalMs, 1) },
      openMs: { cold: rounded(cold.openMs, 1), warm: rounded(warm.openMs, 1) },
      ...findings,
      memory: { fewPictures: FEW_PICTURES, manyPictures: plan.manyPictures, courses },
      scaling: points,
    };
  } finally {
    await subject.networks.dispose();
  }
}

/** From nothing to a picture. */
async function firstPicture(open: () => Promise<Subject>, seed: number, surroundings: Surroundings) {
  const { now } = surroundings;
  const startMs = now();
  const subject = await open();
  const openMs = now() - startMs;
  try {
    await drawn(recipeOf(subject.model, seed), subject, surroundings);
    return { subject, openMs, totalMs: now() - startMs };
  } catch (failure) {
    await subject.networks.dispose();
    throw failure;
  }
}

type About = "date" | "versions" | "machine" | "backend" | "gpu" | "engine" | "model" | "recipe";

function about(
  { model, backend, recorder }: Subject,
  { machine, date, switches }: Surroundings,
): Pick<BenchReport, About> {
  const { sampler, steps, guidanceScale, widthPx, heightPx } = recipeOf(model, 0);
  const { engine } = recorder;
  return {
    date,
    versions: { afterimage: version, onnxruntime: engine.ort.env.versions.web ?? "unknown" },
    machine: { ...machine, threads: engine.threads },
    backend: backend.kind,
    gpu: backend.kind === "webgpu" ? describe(backend.gpu.device) : null,
    engine: { ...switches, build: engine.build },
    model: model.card.name,
    recipe: { sampler, steps, guidance: guidanceScale, widthPx, heightPx },
  };
}

const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

function describe({ adapterInfo, features, limits }: GPUDevice): BenchGpu {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapterInfo;
  return {
    ...{ vendor, architecture, device, description },
    isSoftware: isFallbackAdapter,
    features: [...features].sort(),
    limits: Object.fromEntries(LIMITS.map((name) => [name, limits[name]])),
  };
}
