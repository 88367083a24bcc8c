/**
 * The draft of live mode, over the picture that was there before it. A guess counts for as much as the part of the steps that is done:
 * the first ones only tint what is there, the last is all of the draft. So nothing blinks, and the picture turns as a light does.
 */

import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { canvasOf, canvasOfLoaded, fadeTo } from "../canvas/fading";
import { type LiveImage, store, useApp } from "../store";

/** Two steps or so: what is seen is never far behind what is known. */
const FADE_MS = 160;

interface LiveCanvasProps {
  readonly under: RefObject<HTMLImageElement | null>;
  /** True once the picture on show has been loaded. */
  readonly isLoaded: boolean;
}

export function LiveCanvas({ under, isLoaded }: LiveCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<LiveImage | null>(null);
  const stopFading = useRef(() => {});
  const seen = useApp(({ live }) => live?.seen ?? null);
  const isRefined = useApp(({ live }) => live?.status === "refined");
  useLayoutEffect(() => {
    if (canvas.current === null || isRefined || seen === null || !isNews(seen, drawn.current)) return;
    stopFading.current();
    if (drawn.current === null) begin(canvas.current, under.current, seen);
    stopFading.current = show(canvas.current, seen);
    canvas.current.setAttribute("data-share", String(seen.share));
    drawn.current = seen;
  }, [seen, isRefined, under]);
  useLayoutEffect(() => {
    if (canvas.current === null || !isRefined || !isLoaded || under.current === null) return;
    stopFading.current();
    const picture = canvasOfLoaded(under.current);
    stopFading.current = fadeTo(canvas.current, picture, { fadeMs: fadeMs(), onEnd: handOver });
  }, [isRefined, isLoaded, under]);
  useEffect(() => () => stopFading.current(), []);
  return (
    <div className="live-draft" aria-hidden="true">
      <canvas ref={canvas} data-testid="draft" />
    </div>
  );
}

/** Who wants less motion is shown drafts alone. */
function isNews(seen: LiveImage, drawn: LiveImage | null): boolean {
  return seen !== drawn && (seen.share === 1 || !isCalm());
}

function isCalm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function fadeMs(): number {
  return isCalm() ? 0 : FADE_MS;
}

function show(canvas: HTMLCanvasElement, { image, share }: LiveImage): () => void {
  // Over nothing, all of a guess is better than a part of it.
  return fadeTo(canvas, canvasOf(image), { fadeMs: fadeMs(), share: canvas.width === 0 ? 1 : share });
}

/** Begins with the picture that is there, if it has the shape of the draft. */
function begin(canvas: HTMLCanvasElement, under: HTMLImageElement | null, { recipe }: LiveImage): void {
  canvas.width = 0;
  if (under === null || !under.complete || under.naturalWidth === 0) return;
  if (under.naturalWidth * recipe.heightPx !== under.naturalHeight * recipe.widthPx) return;
  canvas.width = under.naturalWidth;
  canvas.height = under.naturalHeight;
  canvas.getContext("2d")?.drawImage(under, 0, 0);
}

/** The canvas shows what the picture under it shows, and can go. */
function handOver(): void {
  if (store.getState().live?.status === "refined") store.setState({ live: null });
}
