/** The pictures that the medians are of: ours, each beside its bare calls, and the naive loop's, by turns. */

import type { Rgba } from "../core/pixels";
import type { BenchMedians, BenchReport } from "../protocol/bench";
import { drawn } from "./drawn";
import { hostMs, isWaitedFor, type Lap, lapsOf } from "./lap";
import { isNaivelyDrawn, naivePicture } from "./naive";
import { median, rounded } from "./statistics";
import { recipeOf, type Subject, type Surroundings } from "./subject";

/** Seeds, and so texts, of their own. */
const WARMING_SEED = 40_000;
const RECORDED_SEED = 40_001;

/** A picture drawn naively, beside ours of the same recipe. */
interface NaiveLap {
  readonly pictureMs: number;
  readonly overOurs: number;
  readonly levelsApart: number;
  readonly loopReadBytes: number | null;
}

type Findings = Pick<
  BenchReport,
  "pictures" | "medianMs" | "totalOverBareCalls" | "readBackBytesPerStep" | "naive"
>;

/** @param onPicture told of each recipe that is done with. */
export async function pictures(
  count: number,
  subject: Subject,
  surroundings: Surroundings,
  onPicture: (done: number) => void,
): Promise<Findings> {
  const isNaive = isNaivelyDrawn(subject);
  const warming = recipeOf(subject.model, WARMING_SEED);
  await drawn(warming, subject, surroundings, true);
  if (isNaive) await naivePicture(warming, subject);
  const laps = await lapsOf(subject, surroundings, recipeOf(subject.model, RECORDED_SEED));
  const [ours, naive, previewedMs]: [Lap[], NaiveLap[], number[]] = [[], [], []];
  try {
    for (let seed = 1; seed <= count; seed++) {
      const recipe = recipeOf(subject.model, seed);
      const lap = await laps.lap(recipe);
      ours.push(lap);
      if (isNaive) naive.push(await naiveLap(seed, lap, subject, surroundings));
      const again = await drawn(recipeOf(subject.model, count + seed), subject, surroundings, true);
      previewedMs.push(again.pictureMs);
      onPicture(seed);
    }
  } finally {
    laps.dispose();
  }
  const { steps } = warming;
  return {
    pictures: count,
    medianMs: mediansOf(ours, previewedMs, isWaitedFor(subject)),
    totalOverBareCalls: rounded(median(ours.map(({ pictureMs, bareMs }) => pictureMs / bareMs)), 3),
    readBackBytesPerStep: perStep(
      ours.map(({ loopReadBytes }) => loopReadBytes),
      steps,
    ),
    naive: naive.length === 0 ? null : naiveFindings(naive, steps),
  };
}

async function naiveLap(
  seed: number,
  { pixels, pictureMs, matchMs }: Lap,
  subject: Subject,
  { now }: Surroundings,
): Promise<NaiveLap> {
  const startMs = now();
  const naive = await naivePicture(recipeOf(subject.model, seed), subject);
  const naiveMs = now() - startMs;
  return {
    pictureMs: naiveMs,
    // Demos have no prompt match.
    overOurs: naiveMs / (pictureMs - matchMs),
    levelsApart: levelsApart(naive.pixels, pixels),
    loopReadBytes: naive.loopReadBytes,
  };
}

/** The greatest difference of two pictures of one size, in levels of 255. */
export function levelsApart(one: Rgba, other: Rgba): number {
  if (one.bytes.length !== other.bytes.length) return Number.POSITIVE_INFINITY;
  return one.bytes.reduce((most, level, i) => Math.max(most, Math.abs(level - (other.bytes[i] ?? 0))), 0);
}

function mediansOf(laps: readonly Lap[], previewedMs: readonly number[], isByCall: boolean): BenchMedians {
  const calls = (...networks: readonly string[]) =>
    rounded(median(laps.flatMap(({ callsMs }) => networks.flatMap((network) => callsMs[network] ?? []))), 2);
  const hasPromptMatch = laps.some(({ callsMs }) => callsMs["prompt_match"]);
  return {
    encode: calls("text_encoder", "text_encoder_2"),
    predict: calls("unet"),
    decode: calls("vae_decoder"),
    match: hasPromptMatch ? calls("prompt_match") : null,
    host: rounded(median(laps.map((lap) => hostMs(lap, isByCall))), 2),
    picture: rounded(median(laps.map(({ pictureMs }) => pictureMs)), 2),
    pictureWithPreviews: rounded(median(previewedMs), 2),
  };
}

function naiveFindings(laps: readonly NaiveLap[], steps: number): NonNullable<BenchReport["naive"]> {
  return {
    pictureMs: rounded(median(laps.map(({ pictureMs }) => pictureMs)), 2),
    readBackBytesPerStep: perStep(
      laps.map(({ loopReadBytes }) => loopReadBytes),
      steps,
    ),
    overOurs: rounded(median(laps.map(({ overOurs }) => overOurs)), 3),
    levelsApart: Math.max(...laps.map((lap) => lap.levelsApart)),
  };
}

function perStep(bytes: readonly (number | null)[], steps: number): number | null {
  const known = bytes.filter((value) => value !== null);
  return known.length === 0 ? null : rounded(median(known) / steps, 1);
}
