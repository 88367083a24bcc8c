/** The frame on the stage: the picture that is forming, or the one that is done. */

import { useState } from "react";
import { type KeptPicture, shownPicture, useApp } from "../store";
import { PreviewCanvas } from "./PreviewCanvas";

export function Frame() {
  const picture = useApp(shownPicture);
  const isRunning = useApp(({ run }) => run.status === "running");
  const isPreviewShown = useApp(({ settings }) => settings.isPreviewShown);
  // The forming picture stays until the finished one is really there, so that nothing blinks.
  const [loadedId, setLoadedId] = useState<number | null>(null);
  const isForming = isRunning || (picture !== null && loadedId !== picture.id);
  return (
    <figure className="frame" aria-busy={isRunning}>
      {picture && <FinishedPicture picture={picture} isBehind={isRunning} onLoad={setLoadedId} />}
      {/* A new canvas once a picture is there: of several, each finished one is seen before the next forms over it. */}
      {isForming && isPreviewShown && <PreviewCanvas key={loadedId} />}
    </figure>
  );
}

interface FinishedPictureProps {
  readonly picture: KeptPicture;
  /** While another picture forms in front of it. */
  readonly isBehind: boolean;
  onLoad(id: number): void;
}

function FinishedPicture({ picture, isBehind, onLoad }: FinishedPictureProps) {
  const { id, url, widthPx, heightPx, recipe } = picture;
  return (
    <img
      className={isBehind ? "picture is-behind" : "picture"}
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
