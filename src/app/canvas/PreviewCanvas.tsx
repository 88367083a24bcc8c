/** The guess at the picture after each step: every one is drawn, each fades softly over the one before. */

import { useEffect, useLayoutEffect, useRef } from "react";
import type { Rgba } from "../../core/pixels";
import type { Preview } from "../../protocol/calls";
import { quarterOf } from "../announcement";
import { useApp } from "../store";
import { enlarge } from "./enlarge";

/** Longer than most steps take, so that fast steps melt into one another instead of flashing. */
const FADE_MS = 240;
const FRAME_MS = 40;
/** Larger ones come from a tiny decoder, and are sharp; smaller ones are latents, seen through the linear map. */
const ENLARGED_SIDE_PX = 128;

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
    stopFading.current = fadeTo(canvas.current, preview.image, fadeMs);
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

/** Fades a canvas from what it shows to `image`, beginning at once; returns what stops it. */
function fadeTo(canvas: HTMLCanvasElement, image: Rgba, fadeMs: number): () => void {
  const context = canvas.getContext("2d");
  if (context === null) return () => {};
  const target = canvasOf(image);
  if (canvas.width < target.width || !haveOneShape(canvas, target)) resize(canvas, context, target);
  let leftMs = fadeMs;
  let lastMs = performance.now();
  let frame = 0;
  const draw = (elapsedMs: number) => {
    // Of the difference that is left, the part that this frame owes: the whole fade comes out linear in time.
    context.globalAlpha = leftMs <= elapsedMs ? 1 : elapsedMs / leftMs;
    context.drawImage(target, 0, 0, canvas.width, canvas.height);
    leftMs -= elapsedMs;
    if (leftMs > 0) frame = requestAnimationFrame(next);
  };
  const next = (nowMs: number) => {
    const elapsedMs = nowMs - lastMs;
    if (elapsedMs < FRAME_MS) {
      frame = requestAnimationFrame(next);
      return;
    }
    lastMs = nowMs;
    draw(elapsedMs);
  };
  draw(FRAME_MS);
  return () => cancelAnimationFrame(frame);
}

function haveOneShape(a: HTMLCanvasElement, b: HTMLCanvasElement): boolean {
  return a.width * b.height === a.height * b.width;
}

/** Takes on the size of `target`, and goes on showing what it did: detailed previews come between small ones. */
function resize(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  target: HTMLCanvasElement,
): void {
  const shown = document.createElement("canvas");
  const isKept = canvas.width > 0 && haveOneShape(canvas, target);
  if (isKept) {
    shown.width = canvas.width;
    shown.height = canvas.height;
    shown.getContext("2d")?.drawImage(canvas, 0, 0);
  }
  canvas.width = target.width;
  canvas.height = target.height;
  if (isKept) context.drawImage(shown, 0, 0, canvas.width, canvas.height);
}

function canvasOf(image: Rgba): HTMLCanvasElement {
  const sidePx = Math.max(image.widthPx, image.heightPx);
  const isDetailed = sidePx > ENLARGED_SIDE_PX;
  const { widthPx, heightPx, bytes } = isDetailed
    ? image
    : enlarge(image, Math.max(1, Math.round(ENLARGED_SIDE_PX / sidePx)));
  const canvas = document.createElement("canvas");
  canvas.width = widthPx;
  canvas.height = heightPx;
  canvas.getContext("2d")?.putImageData(new ImageData(bytes, widthPx, heightPx), 0, 0);
  return canvas;
}
