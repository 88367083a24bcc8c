/** Whether a model with a closed vocabulary is sent words that it does not know. */

import { useId } from "react";
import { changeSettings } from "../../drawing/actions";
import { type AppState, useApp } from "../../store";

export function EveryWordField() {
  const id = useId();
  const isSent = useApp(({ settings }) => settings.isEveryWordSent);
  if (!useApp(hasClosedVocabulary)) return null;
  return (
    <div className="field inline">
      <label htmlFor={id}>Send every word as it is</label>
      <input
        id={id}
        type="checkbox"
        className="check"
        checked={isSent}
        onChange={({ target }) => changeSettings({ isEveryWordSent: target.checked })}
      />
    </div>
  );
}

function hasClosedVocabulary({ modelReport }: AppState): boolean {
  return (modelReport?.vocabulary?.["nouns"] ?? []).length > 0;
}
