/** News that can wait, in a corner, until it is taken or sent away. */

import { useEffect } from "react";
import { Icon } from "./Icon";
import { dismissNotice } from "./notices";
import { isBusy, type Notice, useApp } from "./store";
import { applyUpdate } from "./updates";

const TEXTS: Readonly<Record<Notice, string>> = {
  "update-ready": "A new version is ready.",
  "offline-ready": "Ready to work offline.",
  "settings-reset": "Some saved settings could not be read and were reset.",
  "settings-unsaved": "This browser does not keep settings, so they last until the page closes.",
};

export function Toasts() {
  const notices = useApp((state) => state.notices);
  const busy = useApp(isBusy);
  const shown = notices.filter((notice) => notice !== "update-ready" || !busy);
  return (
    <div className="toasts" role="status">
      {shown.map((notice) => (
        <Toast key={notice} notice={notice} />
      ))}
    </div>
  );
}

/** News that asks for nothing goes by itself, after a time that is long enough to read it twice. */
const PASSING_MS = 12_000;

function Toast({ notice }: { readonly notice: Notice }) {
  const dismiss = () => dismissNotice(notice);
  useEffect(() => {
    if (notice !== "offline-ready") return;
    const timer = setTimeout(() => dismissNotice(notice), PASSING_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div className="toast">
      <p>{TEXTS[notice]}</p>
      {notice === "update-ready" ? (
        <>
          <button type="button" className="button" onClick={() => void applyUpdate()}>
            Reload
          </button>
          <button type="button" className="button quiet" onClick={dismiss}>
            Later
          </button>
        </>
      ) : (
        <button type="button" className="icon-button" aria-label="Dismiss" onClick={dismiss}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
