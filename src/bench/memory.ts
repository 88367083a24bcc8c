/** Whether memory grows with pictures: looked at after a few, and after many more. */

import { FEW_PICTURES, type MemoryCourse } from "../protocol/bench";
import { drawn } from "./drawn";
import { type MemoryGauge, recipeOf, type Subject, type Surroundings } from "./subject";

/** Every stage of a picture is gone through, and leaking does not depend on how often the loop goes round. */
const STEPS = 2;
/** Seeds of their own, so that no text is cached already. */
const FIRST_SEED = 10_000;

/** Draws many pictures with previews, and says what memory came to. @param onPicture told of each. */
export async function memoryOver(
  manyPictures: number,
  subject: Subject,
  surroundings: Surroundings,
  onPicture: (done: number) => void,
): Promise<readonly MemoryCourse[]> {
  const gauges = [...surroundings.gauges, ...gpuGauges(subject)];
  const few: number[] = [];
  for (let done = 1; done <= manyPictures; done++) {
    const recipe = recipeOf(subject.model, FIRST_SEED + done, { steps: STEPS });
    await drawn(recipe, subject, surroundings, true);
    if (done === FEW_PICTURES) few.push(...(await Promise.all(gauges.map((gauge) => gauge.bytes()))));
    onPicture(done);
  }
  const many = await Promise.all(gauges.map((gauge) => gauge.bytes()));
  return gauges.map(({ kind, peakBytes }, i) => ({
    kind,
    fewBytes: few[i] ?? Number.NaN,
    manyBytes: many[i] ?? Number.NaN,
    peakBytes: peakBytes(),
  }));
}

function gpuGauges({ meter }: Subject): readonly MemoryGauge[] {
  if (meter === null) return [];
  return [{ kind: "gpu", bytes: async () => meter.liveBytes, peakBytes: () => meter.peakBytes }];
}
