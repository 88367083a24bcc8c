/** News that can wait, in a corner, until it is taken or sent away. */

import { useEffect } from "react";
import { applyUpdate } from "../offline/updates";
import { isBusy, type Notice, useApp } from "../store";
import { Icon } from "./Icon";
import { dismissNotice, NOTICE_TEXTS } from "./notices";

export function Toasts() {
  const notices = useApp((state) => state.notices);
  const busy = useApp(isBusy);
  const shown = notices.filter((notice) => notice !== "update-ready" || !busy);
  if (shown.length === 0) return null;
  return (
    <section className="toasts" aria-label="Notices">
      {shown.map((notice) => (
        <Toast key={notice} notice={notice} />
      ))}
    </section>
  );
}

/** News that asks for nothing goes by itself, after a time that is long enough to read it twice. */
const PASSING_MS = 12_000;

function Toast({ notice }: { readonly notice: Notice }) {
  const dismiss = () => dismissNotice(notice);
  useEffect(() => {
    if (notice !== "offline-ready" && notice !== "model-deleted") return;
    const timer = setTimeout(() => dismissNotice(notice), PASSING_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div className="toast">
      <p>{NOTICE_TEXTS[notice]}</p>
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
