/** The number that noise grows from: typed, thrown anew for each picture, or taken from the picture on show. */

import { useId, useState } from "react";
import { SEED_MAX } from "../../../core/seed";
import { changeSettings } from "../../drawing/actions";
import { parseSeed } from "../../drawing/seed";
import { Icon } from "../../frame/Icon";
import { shownPicture, useApp } from "../../store";
import { shortened } from "../../words/shortened";

export function SeedField() {
  const id = useId();
  const seed = useApp(({ settings }) => settings.seed);
  const lastSeed = useApp((state) => shownPicture(state)?.recipe.seed.toString() ?? null);
  // The text in the box while it is no seed; null as soon as it is one.
  const [refused, setRefused] = useState<string | null>(null);
  const take = (text: string) => {
    const parsed = parseSeed(text);
    setRefused(parsed === null && text.trim() !== "" ? text : null);
    changeSettings({ seed: parsed === null ? null : parsed.toString() });
  };
  return (
    <div className="field">
      <label htmlFor={id}>Seed</label>
      <div className="seed-row">
        <input
          type="text"
          id={id}
          inputMode="numeric"
          autoComplete="off"
          value={refused ?? seed ?? ""}
          placeholder="New for each picture"
          aria-invalid={refused !== null}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => take(target.value)}
        />
        <button
          type="button"
          className="icon-button boxed"
          aria-label="New seed for each picture"
          title="New seed for each picture"
          aria-pressed={seed === null}
          onClick={() => take("")}
        >
          <Icon name="dice" />
        </button>
        <button
          type="button"
          className="icon-button boxed"
          aria-label="Use the seed of this picture"
          title="Use the seed of this picture"
          disabled={lastSeed === null}
          onClick={() => take(lastSeed ?? "")}
        >
          <Icon name="reuse" />
        </button>
      </div>
      <p className={refused === null ? "hint" : "hint is-problem"} id={`${id}-hint`} role="status">
        {refused === null
          ? ""
          : `“${shortened(refused)}” is no seed: a seed is a whole number from 0 to ${SEED_MAX}. Until it is one, each picture has a new seed.`}
      </p>
    </div>
  );
}
