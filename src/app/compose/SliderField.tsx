/** A number as a slider and as digits: drag it, step it with the keys, or type it. */

import { type CSSProperties, useId } from "react";

interface SliderFieldProps {
  readonly label: string;
  /** null while nobody knows it yet. */
  readonly value: number | null;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value in words, for screen readers. */
  readonly valueText: string;
  readonly hint: string;
  onChange(value: number): void;
}

export function SliderField({ label, value, min, max, step, valueText, hint, onChange }: SliderFieldProps) {
  const id = useId();
  const part = value === null ? 0 : (value - min) / (max - min);
  const change = (number: number) => {
    if (Number.isFinite(number)) onChange(Math.min(max, Math.max(min, Math.round(number / step) * step)));
  };
  const shared = { min, max, step, disabled: value === null, "aria-describedby": `${id}-hint` };
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        <input
          type="number"
          className="digits"
          aria-label={`${label} value`}
          value={value ?? ""}
          onChange={({ target }) => change(target.valueAsNumber)}
          {...shared}
        />
      </div>
      <input
        type="range"
        id={id}
        value={value ?? min}
        aria-valuetext={valueText}
        style={{ "--part": part } as CSSProperties}
        onChange={({ target }) => change(target.valueAsNumber)}
        {...shared}
      />
      <p className="hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}
