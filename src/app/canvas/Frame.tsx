/** The frame on the stage: the picture that is forming, the one that is done, or the draft of live mode. */

import { type RefObject, useRef, useState } from "react";
import { LiveCanvas } from "../live/LiveCanvas";
import { type KeptPicture, shownPicture, useApp } from "../store";
import { PreviewCanvas } from "./PreviewCanvas";

export function Frame() {
  const picture = useApp(shownPicture);
  const isRunning = useApp(({ run }) => run.status === "running");
  const isPreviewShown = useApp(({ settings }) => settings.isPreviewShown);
  const hasDraft = useApp(({ live }) => live !== null && live.seen !== null);
  const image = useRef<HTMLImageElement>(null);
  // The forming picture stays until the finished one is really there, so that nothing blinks.
  const [loadedId, setLoadedId] = useState<number | null>(null);
  const isLoaded = picture !== null && loadedId === picture.id;
  const isForming = isRunning || (picture !== null && !isLoaded);
  return (
    <figure className={isRunning ? "frame is-forming" : "frame"} aria-busy={isRunning}>
      {picture && <FinishedPicture picture={picture} image={image} onLoad={setLoadedId} />}
      {hasDraft && <LiveCanvas under={image} isLoaded={isLoaded} />}
      {/* A new canvas once a picture is there: of several, each finished one is seen before the next forms over it. */}
      {isForming && isPreviewShown && <PreviewCanvas key={loadedId} />}
    </figure>
  );
}

interface FinishedPictureProps {
  readonly picture: KeptPicture;
  readonly image: RefObject<HTMLImageElement | null>;
  onLoad(id: number): void;
}

function FinishedPicture({ picture, image, onLoad }: FinishedPictureProps) {
  const { id, url, widthPx, heightPx, recipe } = picture;
  return (
    <img
      ref={image}
      className="picture"
      src={url}
      width={widthPx}
      height={heightPx}
      alt={`Generated picture: ${shortened(recipe.prompt)}. Seed ${recipe.seed}.`}
      data-testid="picture"
      onLoad={() => onLoad(id)}
    />
  );
}

function shortened(prompt: string): string {
  const words = prompt.trim() === "" ? "no prompt" : prompt.trim();
  return words.length > 120 ? `${words.slice(0, 119)}…` : words;
}
