/** A number to type; it takes effect while it is typed, within its limits. */

import { useState } from "react";

interface DigitsProps {
  /** As a screen reader says it. */
  readonly name: string;
  /** null while nobody knows it yet. */
  readonly value: number | null;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly disabled?: boolean;
  readonly describedBy?: string;
  onChange(value: number): void;
}

export function Digits({
  name,
  value,
  min,
  max,
  step,
  disabled = false,
  describedBy,
  onChange,
}: DigitsProps) {
  // A half-typed number may lie outside the limits.
  const [draft, setDraft] = useState<string | null>(null);
  const type = (text: string, number: number) => {
    setDraft(text);
    if (Number.isFinite(number)) onChange(Math.min(max, Math.max(min, Math.round(number / step) * step)));
  };
  return (
    <input
      type="number"
      className="digits"
      aria-label={name}
      aria-describedby={describedBy}
      value={draft ?? value ?? ""}
      min={min}
      max={max}
      step={step}
      disabled={disabled || value === null}
      onChange={({ target }) => type(target.value, target.valueAsNumber)}
      onBlur={() => setDraft(null)}
    />
  );
}
