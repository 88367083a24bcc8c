/** Tells screen readers how it goes, politely and not too often. */

import { useEffect, useState } from "react";
import { store } from "../store";
import { announcementOf } from "./announcement";

/** Progress within this time of the last message is left out. */
const QUIET_MS = 5_000;

export function LiveRegion() {
  const [text, setText] = useState("");
  useEffect(() => {
    let lastMs = Number.NEGATIVE_INFINITY;
    return store.subscribe((state, before) => {
      const announcement = announcementOf(before, state);
      if (announcement === null) return;
      const nowMs = performance.now();
      if (announcement.kind === "progress" && nowMs - lastMs < QUIET_MS) return;
      lastMs = nowMs;
      setText(announcement.text);
    });
  }, []);
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {text}
    </p>
  );
}
