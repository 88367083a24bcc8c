/** The settings that most pictures do not need. */

import { useId } from "react";
import { isSamplerId, SAMPLER_NAMES } from "../../core/recipe";
import { LIMITS } from "../../protocol/settings";
import { changeSettings, resetChoices } from "../drawing/actions";
import { choicesOf, type Shape, shapesOf } from "../drawing/choices";
import { Icon } from "../frame/Icon";
import { isBusy, useApp } from "../store";
import { ChoiceField } from "./fields/ChoiceField";
import { changedNames } from "./fields/changedNames";
import { samplerHint, sizeHint } from "./fields/choiceHints";
import { EveryWordField } from "./fields/EveryWordField";
import { GuidedStepsField } from "./fields/GuidedStepsField";
import { SeedField } from "./fields/SeedField";

const SHAPE_NAMES: Readonly<Record<Shape, string>> = {
  native: "Model’s own",
  small: "Small",
  square: "Square",
  landscape: "Landscape",
  portrait: "Portrait",
};

export function MoreSettings() {
  const isOpen = useApp(({ settings }) => settings.isMoreOpen);
  return (
    <details
      className="more"
      open={isOpen}
      onToggle={({ currentTarget }) => changeSettings({ isMoreOpen: currentTarget.open })}
    >
      <summary>
        <Icon name="chevron" />
        More settings
        <Changed />
      </summary>
      <div className="more-body">
        <NegativePromptField />
        <SeedField />
        <GuidedStepsField />
        <SamplerField />
        <SizeField />
        <BackendField />
        <EveryWordField />
        <ResetButton />
      </div>
    </details>
  );
}

/** Names what is set behind the fold, so that nothing works unseen. */
function Changed() {
  const names = useApp(({ settings, modelReport }) => changedNames(settings, modelReport).join(", "));
  if (names === "") return null;
  return (
    <span className="changed">
      <span className="visually-hidden">Changed: </span>
      {names}
    </span>
  );
}

function NegativePromptField() {
  const id = useId();
  const text = useApp(({ settings }) => settings.negativePrompt);
  const isIdle = useApp(
    ({ settings: s, modelReport: m }) => m !== null && choicesOf(s, m).guidanceScale <= 1,
  );
  return (
    <div className="field">
      <label htmlFor={id}>Negative prompt</label>
      <textarea
        id={id}
        dir="auto"
        rows={2}
        value={text}
        maxLength={LIMITS.promptChars}
        spellCheck={false}
        placeholder="what it should keep away from"
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => changeSettings({ negativePrompt: target.value })}
      />
      <p className="hint" id={`${id}-hint`}>
        {isIdle ? "No effect at guidance 1" : ""}
      </p>
    </div>
  );
}

function SamplerField() {
  const id = useId();
  const value = useApp(({ settings, modelReport }) =>
    modelReport ? choicesOf(settings, modelReport).sampler : settings.sampler,
  );
  const isQuick = useApp(
    ({ settings: s, modelReport: m }) => m !== null && choicesOf(s, m).weights === "few_step",
  );
  const hint = useApp(({ settings: s, modelReport: m }) =>
    m === null ? "" : samplerHint(choicesOf(s, m), m),
  );
  return (
    <div className="field inline">
      <label htmlFor={id}>Sampler</label>
      <select
        id={id}
        value={value ?? ""}
        disabled={value === null || isQuick}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => isSamplerId(target.value) && changeSettings({ sampler: target.value })}
      >
        {Object.entries(SAMPLER_NAMES).map(([sampler, name]) => (
          <option key={sampler} value={sampler}>
            {name}
          </option>
        ))}
      </select>
      <p className="hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}

function SizeField() {
  const model = useApp(({ modelReport }) => modelReport);
  const settings = useApp((state) => state.settings);
  if (model === null) return null;
  const shapes = shapesOf(model);
  const { widthPx, heightPx } = choicesOf(settings, model);
  const taken = shapes.find((size) => size.widthPx === widthPx && size.heightPx === heightPx);
  return (
    <ChoiceField
      legend="Size"
      value={taken?.shape ?? "native"}
      choices={shapes.map((size) => ({
        value: size.shape,
        label: size.shape === "native" && size.widthPx === size.heightPx ? "Square" : SHAPE_NAMES[size.shape],
        detail: `${size.widthPx} × ${size.heightPx}`,
      }))}
      hint={sizeHint(choicesOf(settings, model), model)}
      onChange={(next) => changeSettings({ shape: next })}
    />
  );
}

function BackendField() {
  const backend = useApp(({ settings }) => settings.backend);
  const busy = useApp(isBusy);
  return (
    <ChoiceField
      legend="Run on"
      value={backend}
      disabled={busy}
      choices={[
        { value: "auto", label: "Automatic" },
        { value: "webgpu", label: "WebGPU" },
        { value: "wasm", label: "Processor" },
      ]}
      onChange={(next) => changeSettings({ backend: next })}
    />
  );
}

function ResetButton() {
  const isChanged = useApp(
    ({ settings: s }) =>
      s.steps !== null ||
      s.guidanceScale !== null ||
      s.guidanceStart !== 0 ||
      s.guidanceStop !== 1 ||
      s.sampler !== null ||
      s.weights !== "full" ||
      s.shape !== "native",
  );
  return (
    <button type="button" className="link" disabled={!isChanged} onClick={resetChoices}>
      Use the model’s own settings
    </button>
  );
}
