/** The knobs: guidance and steps at hand, everything else one press away. */

import { LIMITS } from "../../protocol/settings";
import { changeSettings } from "../drawing/actions";
import { choicesOf } from "../drawing/choices";
import { durationText } from "../frame/statusText";
import { BackendFacts } from "../models/BackendFacts";
import { type AppState, newestOfModel, useApp } from "../store";
import { ExampleRow } from "./Examples";
import { ChoiceField } from "./fields/ChoiceField";
import { SliderField } from "./fields/SliderField";
import { MoreSettings } from "./MoreSettings";

export function Controls() {
  return (
    <section className="controls" aria-label="Settings">
      <WeightsField />
      <GuidanceField />
      <StepsField />
      <BestOfField />
      <MoreSettings />
      <ExampleRow />
      <BackendFacts />
    </section>
  );
}

/** Full or quick, of a model that has few-step weights. */
function WeightsField() {
  const fewStep = useApp(({ modelReport }) => modelReport?.fewStep ?? null);
  const fullSteps = useApp(({ settings, modelReport }) =>
    modelReport === null ? null : choicesOf({ ...settings, weights: "full" }, modelReport).steps,
  );
  const isQuick = useApp(isQuickChosen);
  if (fewStep === null) return null;
  return (
    <ChoiceField
      legend="Drawing"
      value={isQuick ? "few_step" : "full"}
      choices={[
        { value: "full", label: "Full", detail: `${fullSteps} steps` },
        { value: "few_step", label: "Quick", detail: `${fewStep.steps} steps` },
      ]}
      hint={isQuick ? "A student of the model: a sketch in a moment, guidance built in" : "The model itself"}
      onChange={(weights) => changeSettings({ weights })}
    />
  );
}

function GuidanceField() {
  const value = useApp(({ settings, modelReport }) =>
    modelReport ? choicesOf(settings, modelReport).guidanceScale : settings.guidanceScale,
  );
  const isQuick = useApp(isQuickChosen);
  const strength = value === null ? null : strengthOf(value);
  return (
    <SliderField
      label="Guidance"
      value={value}
      min={LIMITS.guidanceMin}
      max={LIMITS.guidanceMax}
      step={LIMITS.guidanceStep}
      valueText={strength === null ? "not known yet" : `${value}, ${strength.name}`}
      hint={
        isQuick
          ? "Learnt by the student, and not to be changed"
          : (strength?.hint ?? "How closely the picture follows the words")
      }
      disabled={isQuick}
      onChange={(guidanceScale) => changeSettings({ guidanceScale })}
    />
  );
}

function StepsField() {
  const value = useApp(({ settings, modelReport }) =>
    modelReport ? choicesOf(settings, modelReport).steps : settings.steps,
  );
  const stepMs = useApp((state) => {
    const newest = newestOfModel(state);
    return newest === null ? null : newest.timingsMs.denoise / newest.recipe.steps;
  });
  const bestOf = useApp(({ settings }) => settings.bestOf);
  const isQuick = useApp(isQuickChosen);
  const time = value === null || stepMs === null ? null : `about ${durationText(stepMs * value * bestOf)}`;
  return (
    <SliderField
      label="Steps"
      value={value}
      min={LIMITS.stepsMin}
      max={LIMITS.stepsMax}
      step={1}
      valueText={value === null ? "not known yet" : [`${value} steps`, ...(time ? [time] : [])].join(", ")}
      hint={time === null ? "More steps take longer and settle finer" : `Takes ${time} here`}
      disabled={isQuick}
      onChange={(steps) => changeSettings({ steps })}
    />
  );
}

/** Numbers of pictures that may be asked for at once, by what their buttons say. */
const COUNTS = { "1": 1, "2": 2, "4": 4, "8": 8 } as const;
const LABELS = ["1", "2", "4", "8"] as const;

function BestOfField() {
  const bestOf = useApp(({ settings }) => settings.bestOf);
  const hasPromptMatch = useApp(
    ({ modelReport }) => modelReport !== null && modelReport.promptMatch !== null,
  );
  const order = hasPromptMatch ? "best prompt match first" : "in the order of the seeds";
  return (
    <ChoiceField
      legend="Best of"
      value={LABELS.find((label) => COUNTS[label] === bestOf) ?? "1"}
      choices={LABELS.map((value) => ({ value, label: value }))}
      hint={bestOf === 1 ? "One picture of one seed" : `${bestOf} seeds in a row, ${order}`}
      onChange={(label) => changeSettings({ bestOf: COUNTS[label] })}
    />
  );
}

/** True where the few-step weights draw. */
function isQuickChosen({ settings, modelReport }: AppState): boolean {
  return modelReport !== null && choicesOf(settings, modelReport).weights === "few_step";
}

/** Words for a guidance scale; the borders are a matter of taste, not of maths. */
function strengthOf(scale: number): { readonly name: string; readonly hint: string } {
  if (scale <= 1) return { name: "no guidance", hint: "No guidance, and no effect of the negative prompt" };
  if (scale < 3) return { name: "light guidance", hint: "Light: loose, with the most variety" };
  if (scale < 7) return { name: "moderate guidance", hint: "Moderate: follows the words, stays natural" };
  if (scale < 11) return { name: "strong guidance", hint: "Strong: to the letter, with hard contrast" };
  return { name: "very strong guidance", hint: "Very strong: colours may burn out" };
}
