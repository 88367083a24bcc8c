/** A prompt that nobody thought of, at one press. */

import { Icon } from "../frame/Icon";
import { useApp } from "../store";
import { canSurprise, surprise } from "./surprising";

export function SurpriseButton() {
  const isPossible = useApp(canSurprise);
  if (!isPossible) return null;
  return (
    <button
      type="button"
      className="link with-icon"
      aria-label="Surprise me"
      title="Surprise me"
      onClick={surprise}
    >
      <Icon name="spark" />
      <span className="if-wide">Surprise me</span>
    </button>
  );
}
