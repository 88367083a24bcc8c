/** A number as a slider and as digits: drag it, step it with the keys, or type it. */

import { type CSSProperties, useId, useRef } from "react";
import { Digits } from "./Digits";

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
  readonly disabled?: boolean;
  onChange(value: number): void;
}

export function SliderField(props: SliderFieldProps) {
  const { label, value, min, max, step, valueText, hint, disabled = false, onChange } = props;
  const id = useId();
  // A touch that turns into scrolling was not meant for the knob: its value comes back.
  const touched = useRef<number | null>(null);
  const part = value === null ? 0 : (value - min) / (max - min);
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        <Digits {...props} name={`${label} value`} />
      </div>
      <input
        type="range"
        id={id}
        value={value ?? min}
        min={min}
        max={max}
        step={step}
        disabled={disabled || value === null}
        aria-valuetext={valueText}
        aria-describedby={`${id}-hint`}
        style={{ "--part": part } as CSSProperties}
        onPointerDown={() => {
          touched.current = value;
        }}
        onPointerCancel={() => {
          if (touched.current !== null) onChange(touched.current);
        }}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
      <p className="hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}
