/** The picture, as large as the window allows, and what there is to say about it. */

import { type CSSProperties, useEffect, useRef } from "react";
import { ExampleGrid } from "../compose/Examples";
import { PROMPT_BOX_ID } from "../compose/PromptBox";
import type { Size } from "../drawing/choices";
import { draftOnStage, isStageEmpty } from "../live/request";
import { type AppState, shownPicture, useApp } from "../store";
import { Caption } from "./Caption";
import { FailureCard } from "./FailureCard";
import { Frame } from "./Frame";
import { RecentPictures } from "./RecentPictures";
import { hasSetStrip, SetStrip } from "./SetStrip";

export function Stage() {
  const stage = useRef<HTMLElement>(null);
  const isRunning = useApp(({ run }) => run.status === "running");
  const hasDraft = useApp((state) => draftOnStage(state) !== null);
  const isEmpty = useApp(isStageEmpty);
  const widthPx = useApp((state) => sizeOf(state).widthPx);
  const heightPx = useApp((state) => sizeOf(state).heightPx);
  const hasStrip = useApp(hasSetStrip);
  // While one is drawn it will be the chosen model's; else what is on show decides.
  const hasMatch = useApp((state) => {
    const isForming = state.run.status === "running" || draftOnStage(state) !== null;
    const shown = isForming ? null : shownPicture(state);
    return ((shown?.model ?? state.modelReport)?.promptMatch ?? null) !== null;
  });
  const easel = `easel${hasStrip ? " has-set" : ""}${hasMatch ? " has-match" : ""}`;
  const frame = { "--ratio": widthPx / heightPx, "--widest": `${widthPx * ENLARGEMENT}px` } as CSSProperties;
  useEffect(() => {
    // On a phone the picture may have been scrolled away; who asks for one wants to see it. A knob stays under its finger.
    const isAsked = isRunning || (hasDraft && document.activeElement?.id === PROMPT_BOX_ID);
    if (isAsked && (stage.current?.getBoundingClientRect().top ?? 0) < 0) scrollTo({ top: 0 });
  }, [isRunning, hasDraft]);
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
  if (state.run.status === "running") return state.run.recipe;
  return draftOnStage(state)?.seen?.recipe ?? shownPicture(state) ?? NO_SIZE;
}

const NO_SIZE: Size = { widthPx: 1, heightPx: 1 };

/** Beyond so many screen pixels to one of its own, a picture gets no better to look at, only softer. */
const ENLARGEMENT = 8;
