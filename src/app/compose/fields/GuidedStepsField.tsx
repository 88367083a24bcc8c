/** In which part of the steps guidance acts: guidance in a limited interval, Kynkäänniemi et al. 2024 (arXiv:2404.07724). */

import { useId } from "react";
import { guidedSteps } from "../../../core/guidedSteps";
import { changeSettings } from "../../drawing/actions";
import { type Choices, choicesOf } from "../../drawing/choices";
import { percent } from "../../frame/percent";
import { useApp } from "../../store";
import { Digits } from "./Digits";

/** Percent. */
const STEP = 5;

export function GuidedStepsField() {
  const id = useId();
  const model = useApp(({ modelReport }) => modelReport);
  const settings = useApp((state) => state.settings);
  if (model === null) return null;
  const choices = choicesOf(settings, model);
  const isIdle = choices.weights === "few_step" || choices.guidanceScale === 1;
  const start = percent(choices.guidanceStart);
  const stop = percent(choices.guidanceStop);
  const common = { step: STEP, disabled: isIdle, describedBy: `${id}-hint` };
  return (
    <fieldset className="choices">
      <legend>Guided steps</legend>
      <div className="interval">
        <span>from</span>
        <Digits
          {...common}
          name="Guided from, percent of the steps"
          value={start}
          min={0}
          max={stop}
          onChange={(value) => changeSettings({ guidanceStart: value / 100, guidanceStop: stop / 100 })}
        />
        <span>% to</span>
        <Digits
          {...common}
          name="Guided to, percent of the steps"
          value={stop}
          min={start}
          max={100}
          onChange={(value) => changeSettings({ guidanceStart: start / 100, guidanceStop: value / 100 })}
        />
        <span>%</span>
      </div>
      <p className="hint" id={`${id}-hint`}>
        {hintOf(choices)}
      </p>
    </fieldset>
  );
}

function hintOf(choices: Choices): string {
  if (choices.weights === "few_step") return "Learnt by the student, and not to be changed";
  if (choices.guidanceScale === 1) return "Guidance 1 guides no step";
  const { first, end } = guidedSteps(choices);
  if (first >= end) return "No step is guided, as at guidance 1";
  if (end - first === choices.steps) return "Guidance acts in every step";
  const which = end - first === 1 ? `Step ${end}` : `Steps ${first + 1} to ${end}`;
  return `${which} of ${choices.steps}; the others take about half the time`;
}
