/** The switch of live mode, beside the button that it makes less needed. */

import { useId } from "react";
import { changeSettings } from "../drawing/actions";
import { durationText } from "../frame/statusText";
import { useApp } from "../store";
import type { LiveFit } from "./pace";
import { isLiveOn, liveFit } from "./request";

export function LiveSwitch() {
  const id = useId();
  const isOn = useApp(isLiveOn);
  const reason = useApp((state) => reasonOf(liveFit(state)));
  return (
    <>
      <label className="live-switch" title={TITLE}>
        <input
          type="checkbox"
          role="switch"
          checked={isOn}
          aria-checked={isOn}
          disabled={reason !== ""}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => changeSettings({ isLive: target.checked })}
        />
        Live
      </label>
      <p id={`${id}-hint`} className={reason === "" ? "visually-hidden" : "hint live-hint"}>
        {reason === "" ? TITLE : reason}
      </p>
    </>
  );
}

const TITLE = "Draws drafts while you type and turn knobs, and the whole picture when you rest";

/** Why it cannot be switched on; "" if it can. */
export function reasonOf(fit: LiveFit): string {
  switch (fit.kind) {
    case "fits":
      return "";
    case "unknown":
      return "Live: not before a first picture has shown how fast this model is here";
    case "slow":
      return `Live: too slow here, a draft of ${fit.steps} steps takes about ${durationText(fit.draftMs)}`;
  }
}
