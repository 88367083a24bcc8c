/** Pictures that melt into one another on a canvas. */

import type { Rgba } from "../../core/pixels";
import { enlarge } from "./enlarge";

const FRAME_MS = 40;
/** Larger ones come from a tiny decoder, and are sharp; smaller ones are latents, seen through the linear map. */
const ENLARGED_SIDE_PX = 128;

/** How to fade. */
export interface Fade {
  /** 0 is at once. */
  readonly fadeMs: number;
  /** How much of the new picture is seen in the end, 0 ... 1; the rest is what was there before. */
  readonly share?: number;
  /** Told once all of it is there. */
  readonly onEnd?: () => void;
}

/** Fades a canvas from what it shows to `picture`, beginning at once; returns what stops it. */
export function fadeTo(
  canvas: HTMLCanvasElement,
  picture: HTMLCanvasElement,
  { fadeMs, share = 1, onEnd }: Fade,
): () => void {
  const context = canvas.getContext("2d");
  if (context === null) return () => {};
  if (canvas.width < picture.width || !haveOneShape(canvas, picture)) resize(canvas, context, picture);
  const target = share < 1 ? mixed(canvas, picture, share) : picture;
  let leftMs = fadeMs;
  let lastMs = performance.now();
  let frame = 0;
  const draw = (elapsedMs: number) => {
    // Of the difference that is left, the part that this frame owes: the whole fade comes out linear in time.
    context.globalAlpha = leftMs <= elapsedMs ? 1 : elapsedMs / leftMs;
    context.drawImage(target, 0, 0, canvas.width, canvas.height);
    leftMs -= elapsedMs;
    if (leftMs > 0) frame = requestAnimationFrame(next);
    else onEnd?.();
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

/** A preview or a draft as a canvas: small ones are made larger, and soft. */
export function canvasOf(image: Rgba): HTMLCanvasElement {
  const sidePx = Math.max(image.widthPx, image.heightPx);
  const isDetailed = sidePx > ENLARGED_SIDE_PX;
  const { widthPx, heightPx, bytes } = isDetailed
    ? image
    : enlarge(image, Math.max(1, Math.round(ENLARGED_SIDE_PX / sidePx)));
  const canvas = blank(widthPx, heightPx);
  canvas.getContext("2d")?.putImageData(new ImageData(bytes, widthPx, heightPx), 0, 0);
  return canvas;
}

/** A picture that has been loaded, as a canvas. */
export function canvasOfLoaded(picture: HTMLImageElement): HTMLCanvasElement {
  const canvas = blank(picture.naturalWidth, picture.naturalHeight);
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  return canvas;
}

function blank(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

function haveOneShape(a: HTMLCanvasElement, b: HTMLCanvasElement): boolean {
  return a.width * b.height === a.height * b.width;
}

/** `share` of `picture` over what `canvas` shows, as large as the canvas. */
function mixed(canvas: HTMLCanvasElement, picture: HTMLCanvasElement, share: number): HTMLCanvasElement {
  const mixture = blank(canvas.width, canvas.height);
  const context = mixture.getContext("2d");
  context?.drawImage(canvas, 0, 0);
  if (context) context.globalAlpha = share;
  context?.drawImage(picture, 0, 0, mixture.width, mixture.height);
  return mixture;
}

/** Takes on the size of `target`, and goes on showing what it did: detailed previews come between small ones. */
function resize(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  target: HTMLCanvasElement,
): void {
  const isKept = canvas.width > 0 && haveOneShape(canvas, target);
  const shown = isKept ? blank(canvas.width, canvas.height) : null;
  if (shown) shown.getContext("2d")?.drawImage(canvas, 0, 0);
  canvas.width = target.width;
  canvas.height = target.height;
  if (shown) context.drawImage(shown, 0, 0, canvas.width, canvas.height);
}
