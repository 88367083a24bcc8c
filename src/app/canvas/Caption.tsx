/** The line under the frame: progress while something happens, facts and actions when it is done. */

import { useEffect, useState } from "react";
import { typedPrompt } from "../../core/recipe";
import { changeSettings, generateAnother } from "../drawing/actions";
import { pictureFileName } from "../drawing/fileName";
import { pressSettings } from "../drawing/presses";
import { Icon } from "../frame/Icon";
import { percent } from "../frame/percent";
import { durationText, statusOf } from "../frame/statusText";
import { LiveFacts } from "../live/LiveFacts";
import { draftOnStage } from "../live/request";
import { isBusy, type KeptPicture, shownPicture, useApp } from "../store";
import { MatchMeter } from "./MatchMeter";

export function Caption() {
  const isWorking = useApp(({ model, run }) => statusOf({ model, run }) !== null);
  return <div className="caption">{isWorking ? <Progress /> : <Facts />}</div>;
}

function Facts() {
  const isDraft = useApp((state) => draftOnStage(state) !== null);
  const picture = useApp(shownPicture);
  if (isDraft) return <LiveFacts />;
  return picture ? <PictureFacts picture={picture} /> : <Readiness />;
}

function Progress() {
  const text = useApp(({ model, run }) => statusOf({ model, run })?.text ?? "");
  const done = useApp(({ model, run }) => statusOf({ model, run })?.done ?? null);
  const isRunning = useApp(({ run }) => run.status === "running");
  const isPreviewShown = useApp(({ settings }) => settings.isPreviewShown);
  return (
    <>
      <progress aria-label="Progress" max={1} {...(done === null ? {} : { value: done })} />
      <p className="status" data-testid="status">
        {text}
      </p>
      {isRunning && (
        <button
          type="button"
          className="button quiet"
          onClick={() => changeSettings({ isPreviewShown: !isPreviewShown })}
        >
          {isPreviewShown ? "Hide preview" : "Show preview"}
        </button>
      )}
    </>
  );
}

function Readiness() {
  const text = useApp(({ model }) =>
    model.status === "ready" ? `Ready. Runs on: ${model.backend.description}` : "",
  );
  return (
    <p className="status" data-testid="status">
      {text}
    </p>
  );
}

function PictureFacts({ picture }: { readonly picture: KeptPicture }) {
  const { url, widthPx, heightPx, recipe, timingsMs, promptMatch, model } = picture;
  // Said where it could be mistaken: the header names the model that draws now.
  const isOfOther = useApp(({ modelReport }) => modelReport !== null && modelReport.name !== model.name);
  const isLimited = recipe.guidanceStart > 0 || recipe.guidanceStop < 1;
  const busy = useApp(isBusy);
  const scale = useShownScale(picture);
  const totalMs = timingsMs.encode + timingsMs.denoise + timingsMs.decode;
  return (
    <>
      <ShownPrompt picture={picture} />
      <p className="status" data-testid="status">
        <span>
          {widthPx} × {heightPx}
          {scale !== null && `, shown at ${scale}×`}
        </span>
        <span>Seed {recipe.seed.toString()}</span>
        {isLimited && (
          <span>
            Guided from {percent(recipe.guidanceStart)} to {percent(recipe.guidanceStop)} %
          </span>
        )}
        <span>{durationText(totalMs)}</span>
        {isOfOther && <span>by {model.name}</span>}
      </p>
      <div className="actions">
        <button
          type="button"
          className="button quiet"
          aria-label="Another, with a new seed"
          disabled={busy}
          onClick={() => void generateAnother()}
        >
          <Icon name="dice" />
          Another
        </button>
        <CopyButton url={url} />
        <a className="button" href={url} download={pictureFileName(recipe)} aria-label="Download PNG">
          <Icon name="download" />
          Download
        </a>
      </div>
      {promptMatch !== null && <MatchMeter score={promptMatch} scale={model.promptMatch} />}
    </>
  );
}

/** The words of the picture on show, and the way to have them in the box where others stand there. */
function ShownPrompt({ picture: { recipe } }: { readonly picture: KeptPicture }) {
  const prompt = typedPrompt(recipe);
  const isInBox = useApp(({ settings }) => settings.prompt === prompt);
  if (prompt.trim() === "") return null;
  return (
    <p className="shown-prompt">
      <span title={prompt}>{prompt}</span>
      {!isInBox && (
        <button type="button" className="link" onClick={() => pressSettings({ prompt }, true)}>
          Use these words
        </button>
      )}
    </p>
  );
}

function CopyButton({ url }: { readonly url: string }) {
  const [outcome, setOutcome] = useState<"Copied" | "Not copied" | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), 2_000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      const blob = await (await fetch(url)).blob();
      await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
      setOutcome("Copied");
    } catch {
      setOutcome("Not copied");
    }
  };
  return (
    <button type="button" className="button quiet" onClick={() => void copy()}>
      <Icon name="copy" />
      <span aria-live="polite">{outcome ?? "Copy"}</span>
    </button>
  );
}

/** How many screen pixels (CSS) show one pixel of the picture, to one decimal; null until it is laid out. */
function useShownScale({ id, widthPx }: KeptPicture): string | null {
  const [shownPx, setShownPx] = useState<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another picture is another frame to measure.
  useEffect(() => {
    const frame = document.querySelector(".frame");
    if (frame === null) return;
    const observer = new ResizeObserver(([entry]) => setShownPx(entry?.contentRect.width ?? null));
    observer.observe(frame);
    return () => observer.disconnect();
  }, [id]);
  return shownPx === null ? null : (shownPx / widthPx).toFixed(1).replace(/\.0$/, "");
}
