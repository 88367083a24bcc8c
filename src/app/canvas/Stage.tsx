/** The picture, as large as the window allows, and what there is to say about it. */

import { type CSSProperties, useEffect, useRef } from "react";
import type { Size } from "../choices";
import { ExampleGrid } from "../compose/Examples";
import { type AppState, shownPicture, useApp } from "../store";
import { Caption } from "./Caption";
import { FailureCard } from "./FailureCard";
import { Frame } from "./Frame";
import { RecentPictures } from "./RecentPictures";
import { hasSetStrip, SetStrip } from "./SetStrip";

export function Stage() {
  const stage = useRef<HTMLElement>(null);
  const isRunning = useApp(({ run }) => run.status === "running");
  const isEmpty = useApp((state) => state.run.status !== "running" && shownPicture(state) === null);
  const widthPx = useApp((state) => sizeOf(state).widthPx);
  const heightPx = useApp((state) => sizeOf(state).heightPx);
  const hasStrip = useApp(hasSetStrip);
  // While one is drawn it will be the chosen model's; else what is on show decides.
  const hasMatch = useApp((state) => {
    const shown = state.run.status === "running" ? null : shownPicture(state);
    return ((shown?.model ?? state.modelReport)?.promptMatch ?? null) !== null;
  });
  const easel = `easel${hasStrip ? " has-set" : ""}${hasMatch ? " has-match" : ""}`;
  const frame = { "--ratio": widthPx / heightPx, "--widest": `${widthPx * ENLARGEMENT}px` } as CSSProperties;
  useEffect(() => {
    // On a phone the picture may have been scrolled away; who asks for one wants to see it.
    if (isRunning && (stage.current?.getBoundingClientRect().top ?? 0) < 0) scrollTo({ top: 0 });
  }, [isRunning]);
  return (
    <section ref={stage} className="stage" aria-label="Picture">
      <div className={easel} style={frame}>
        {isEmpty ? <ExampleGrid /> : <Frame />}
        <Caption />
        <SetStrip />
      </div>
      <RecentPictures />
      <FailureCard />
    </section>
  );
}

/** The size of what is in the frame. */
function sizeOf(state: AppState): Size {
  return (state.run.status === "running" ? state.run.recipe : shownPicture(state)) ?? NO_SIZE;
}

const NO_SIZE: Size = { widthPx: 1, heightPx: 1 };

/** Beyond so many screen pixels to one of its own, a picture gets no better to look at, only softer. */
const ENLARGEMENT = 8;
