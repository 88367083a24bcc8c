/** The picture, as large as the window allows, and what there is to say about it. */

import { type CSSProperties, useEffect, useRef } from "react";
import { ExampleGrid } from "../compose/Examples";
import { type AppState, shownPicture, useApp } from "../store";
import { Caption } from "./Caption";
import { FailureCard } from "./FailureCard";
import { Frame } from "./Frame";
import { RecentPictures } from "./RecentPictures";

export function Stage() {
  const stage = useRef<HTMLElement>(null);
  const isRunning = useApp(({ run }) => run.status === "running");
  const isEmpty = useApp((state) => state.run.status !== "running" && shownPicture(state) === null);
  const ratio = useApp(ratioOf);
  useEffect(() => {
    // On a phone the picture may have been scrolled away; who asks for one wants to see it.
    if (isRunning && (stage.current?.getBoundingClientRect().top ?? 0) < 0) scrollTo({ top: 0 });
  }, [isRunning]);
  return (
    <section ref={stage} className="stage" aria-label="Picture">
      <div className="easel" style={{ "--ratio": ratio } as CSSProperties}>
        {isEmpty ? <ExampleGrid /> : <Frame />}
        <Caption />
      </div>
      <RecentPictures />
      <FailureCard />
    </section>
  );
}

/** Width over height of what is in the frame. */
function ratioOf(state: AppState): number {
  const { run } = state;
  const { widthPx, heightPx } = (run.status === "running" ? run.recipe : shownPicture(state)) ?? SQUARE;
  return widthPx / heightPx;
}

const SQUARE = { widthPx: 1, heightPx: 1 };
