/** How long a picture takes on this machine, and how much of that is not the networks. */

import { cpus } from "node:os";
import { version } from "../../package.json";
import { WHOLE_RUN } from "../core/guidedSteps";
import type { Recipe } from "../core/recipe";
import type { Model } from "../pipeline/model";
import { picturePng } from "../pipeline/picture";
import { type Observer, textToImage } from "../pipeline/textToImage";
import { latentScale } from "../runtime/latentScale";
import { type BareCalls, withBareCalls } from "./bareCalls";
import { type ModelPlace, openModel } from "./openModel";

/** After this long no further picture is begun, if there are enough. */
const ENOUGH_MS = 40_000;
const PICTURES_MIN = 3;

/** What `bench --json` prints. */
export interface BenchReport {
  readonly model: string;
  readonly recipe: {
    readonly sampler: string;
    readonly steps: number;
    readonly guidance: number;
    readonly size: string;
  };
  readonly wasm: {
    readonly pictures: number;
    readonly loadMs: number;
    /** Of one text, one step, one decoding, one judging; of everything else in a picture; of a picture. */
    readonly medianMs: Readonly<Record<"encode" | "predict" | "decode" | "host" | "picture", number>> & {
      /** Of judging a picture by its prompt; left out if the model brings no judge. */
      readonly match?: number;
    };
    /** A whole picture over the sum of its bare network calls, on the same inputs: median. */
    readonly totalOverBareCalls: number;
  };
  /** Greatest resident size of the process. */
  readonly peakMemoryMiB: number;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly threads: number };
  readonly versions: Readonly<Record<"afterimage" | "node" | "onnxruntime-web", string>>;
}

/** One picture, measured. */
interface Lap {
  readonly pictureMs: number;
  readonly bareMs: number;
  readonly callsMs: BareCalls["tally"]["callsMs"];
}

/** Draws the model's first example a few times, with other seeds. @throws {Failure} as opening and drawing do. */
export async function measure(place: ModelPlace, pictures: number): Promise<BenchReport> {
  const startMs = performance.now();
  const { model, networks, engine, vaeConfig } = await openModel(place);
  const loadMs = performance.now() - startMs;
  try {
    const bare = withBareCalls(networks, latentScale(vaeConfig));
    await lap(recipeOf(model, 0), model, bare); // the first one warms up
    const laps: Lap[] = [];
    const isEnough = () => laps.length >= PICTURES_MIN && performance.now() - startMs > ENOUGH_MS;
    while (laps.length < pictures && !isEnough())
      laps.push(await lap(recipeOf(model, laps.length + 1), model, bare));
    const { sampler, steps, guidanceScale, widthPx, heightPx } = recipeOf(model, 0);
    const size = `${widthPx}x${heightPx}`;
    return {
      model: model.card.name,
      recipe: { sampler, steps, guidance: guidanceScale, size },
      wasm: { pictures: laps.length, loadMs: rounded(loadMs, 1), ...summary(laps) },
      peakMemoryMiB: rounded(process.resourceUsage().maxRSS / 1024, 1),
      machine: { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, threads: engine.threads },
      versions: {
        afterimage: version,
        node: process.versions.node,
        "onnxruntime-web": engine.ort.env.versions.web ?? "unknown",
      },
    };
  } finally {
    await networks.dispose();
  }
}

function recipeOf({ card }: Model, seed: number): Recipe {
  return {
    ...card.defaults,
    prompt: card.examples[0]?.prompt ?? "a photo of a cat",
    negativePrompt: "",
    seed: BigInt(seed),
    guidanceRescale: 0,
    ...WHOLE_RUN,
    weights: "full",
    eta: 0,
  };
}

/** A picture as the page draws it, previews and file included. */
async function lap(recipe: Recipe, model: Model, bare: BareCalls): Promise<Lap> {
  const { rgbMap } = model;
  const observer: Observer = {
    stage: () => undefined,
    step: async ({ denoised, desk }) => void (rgbMap && (await desk.rgba(denoised, rgbMap))),
    isCancelled: async () => false,
    now: () => performance.now(),
  };
  bare.reset();
  const startMs = performance.now();
  const { pixels } = await textToImage(recipe, model, bare.networks, observer);
  picturePng(pixels, recipe, model);
  const { pausedMs, bareMs, callsMs } = bare.tally;
  return { pictureMs: performance.now() - startMs - pausedMs, bareMs, callsMs };
}

function summary(laps: readonly Lap[]): Pick<BenchReport["wasm"], "medianMs" | "totalOverBareCalls"> {
  const calls = (name: keyof Lap["callsMs"]) =>
    rounded(median(laps.flatMap(({ callsMs }) => callsMs[name])), 2);
  const hostMs = laps.map(({ pictureMs, callsMs }) => pictureMs - sum(Object.values(callsMs).flat()));
  return {
    medianMs: {
      encode: calls("text_encoder"),
      predict: calls("unet"),
      decode: calls("vae_decoder"),
      ...(laps.some(({ callsMs }) => callsMs.prompt_match.length > 0) && { match: calls("prompt_match") }),
      host: rounded(median(hostMs), 2),
      picture: rounded(median(laps.map(({ pictureMs }) => pictureMs)), 2),
    },
    totalOverBareCalls: rounded(median(laps.map(({ pictureMs, bareMs }) => pictureMs / bareMs)), 3),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
