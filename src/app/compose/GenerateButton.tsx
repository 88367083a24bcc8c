/** The one filled button: Generate, and Stop in the same place while a picture is in the making. */

import { generate, stop } from "../drawing/actions";
import { isBusy, useApp } from "../store";

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function GenerateButton() {
  const busy = useApp(isBusy);
  const [label, keys] = busy ? ["Stop", "Esc"] : ["Generate", IS_MAC ? "⌘ ↵" : "Ctrl ↵"];
  return (
    <button
      type="button"
      className={busy ? "generate is-busy" : "generate"}
      aria-keyshortcuts={busy ? "Escape" : "Control+Enter Meta+Enter"}
      onClick={() => (busy ? stop() : void generate())}
    >
      <span>{label}</span>
      <span className="keys" aria-hidden="true">
        {keys}
      </span>
    </button>
  );
}
