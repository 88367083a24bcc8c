/** A few choices side by side, one of them taken: native radio buttons that look like one control. */

import { useId } from "react";

interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly detail?: string;
}

interface ChoiceFieldProps<T extends string> {
  readonly legend: string;
  readonly choices: readonly Choice<T>[];
  readonly value: T;
  readonly disabled?: boolean;
  readonly hint?: string;
  onChange(value: T): void;
}

export function ChoiceField<T extends string>(props: ChoiceFieldProps<T>) {
  const { legend, choices, value, disabled = false, hint, onChange } = props;
  const name = useId();
  return (
    <fieldset className="choices" disabled={disabled} aria-describedby={hint && `${name}-hint`}>
      <legend>{legend}</legend>
      <div className="choice-row">
        {choices.map((choice) => (
          <label key={choice.value} className="choice">
            <input
              type="radio"
              name={name}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            <span>
              {choice.label}
              {choice.detail && <small>{choice.detail}</small>}
            </span>
          </label>
        ))}
      </div>
      {hint !== undefined && (
        <p className="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </fieldset>
  );
}
