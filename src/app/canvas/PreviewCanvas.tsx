/** The guess at the picture after each step: every one is drawn, each fades softly over the one before. */

import { useEffect, useLayoutEffect, useRef } from "react";
import type { Preview } from "../../protocol/calls";
import { quarterOf } from "../frame/announcement";
import { useApp } from "../store";
import { canvasOf, fadeTo } from "./fading";

/** Longer than most steps take, so that fast steps melt into one another instead of flashing. */
const FADE_MS = 240;

export function PreviewCanvas() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<Preview | null>(null);
  const stopFading = useRef(() => {});
  const preview = useApp(({ run }) => (run.status === "running" ? run.preview : null));
  const steps = useApp(({ run }) => (run.status === "running" ? run.recipe.steps : 1));
  useLayoutEffect(() => {
    if (canvas.current === null || preview === null || preview === drawn.current) return;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const before = drawn.current;
    if (isCalm && before && quarterOf(preview.step, steps) === quarterOf(before.step, steps)) return;
    stopFading.current();
    const fadeMs = isCalm ? 0 : FADE_MS;
    if (before === null) canvas.current.width = 0; // nothing is shown yet
    stopFading.current = fadeTo(canvas.current, canvasOf(preview.image), { fadeMs });
    canvas.current.setAttribute("data-preview-step", String(preview.step));
    drawn.current = preview;
  }, [preview, steps]);
  useEffect(() => () => stopFading.current(), []);
  return (
    <div className="preview" aria-hidden="true">
      <canvas ref={canvas} data-testid="preview" />
    </div>
  );
}
