/** Whether this device can run a model, before a byte of it is fetched. */

import type { ModelNeeds } from "../../../protocol/catalogue";
import type { Size } from "../../drawing/choices";
import { Icon } from "../../frame/Icon";
import { useLibrary } from "../libraryStore";
import { deviceFit, type Fit } from "./deviceFit";

const VERDICTS: Readonly<Record<Fit["verdict"], string>> = {
  runs: "Runs here.",
  "runs-slowly": "Slow here.",
  "will-not-run": "Will not run here.",
};

/** The forecast for a model on this device; null until the device has said what it can do. */
export function useFit(needs: ModelNeeds, size: Size): Fit | null {
  const device = useLibrary((state) => state.device);
  return device.status === "here" ? deviceFit(device.value, needs, size) : null;
}

interface FitNoteProps {
  readonly needs: ModelNeeds;
  /** Of the pictures that it is made for. */
  readonly size: Size;
}

/** Nothing until the device has said what it can do; what cannot be known is not told. */
export function FitNote({ needs, size }: FitNoteProps) {
  const fit = useFit(needs, size);
  if (fit === null) return null;
  const { verdict, reason } = fit;
  const runs = verdict === "runs";
  return (
    <p className={`fit ${runs ? "is-well" : "is-bad"}`}>
      <Icon name={runs ? "check" : "alert"} />
      <span>
        <strong>{VERDICTS[verdict]}</strong> {reason}
      </span>
    </p>
  );
}

/** Sides of the pictures of a model that nobody has described: those with a decoder for 32-bit numbers are of the SDXL family. */
export function likelySize({ decoder }: ModelNeeds): Size {
  const sidePx = decoder === "kl-f32" ? 1024 : 512;
  return { widthPx: sidePx, heightPx: sidePx };
}
