/** The line under a draft: what it is, and what will become of it. */

import type { BackendReport } from "../../core/backend";
import { SAMPLER_NAMES } from "../../core/recipe";
import { type AppState, type LiveDraft, useApp } from "../store";
import { draftOnStage } from "./request";

export function LiveFacts() {
  const text = useApp(liveText);
  const refined = useApp(refinedPart);
  return (
    <>
      {refined !== null && <progress aria-label="Refining" max={1} value={refined} />}
      <p className="status" data-testid="status">
        {text}
      </p>
    </>
  );
}

/** "Live draft, 4 of 25 steps, on the CPU"; "" if there is none on the stage. */
export function liveText(state: AppState): string {
  const draft = draftOnStage(state);
  if (draft === null) return "";
  const device = state.model.status === "ready" ? `, ${deviceOf(state.model.backend)}` : "";
  return `Live draft, ${stepsText(draft)}${device}`;
}

function stepsText({ seen, wanted }: LiveDraft): string {
  const drawn = seen?.recipe ?? wanted;
  if (drawn.steps === wanted.steps) return `all ${wanted.steps} steps`;
  const by = drawn.sampler === wanted.sampler ? "" : ` by ${SAMPLER_NAMES[drawn.sampler]}`;
  return `${drawn.steps} of ${wanted.steps} steps${by}`;
}

function deviceOf({ kind }: BackendReport): string {
  return kind === "webgpu" ? "on the graphics device" : "on the processor";
}

/** How much of the picture itself is drawn, 0 ... 1; null while it is not being drawn. */
function refinedPart({ live }: AppState): number | null {
  return live?.status === "refining" ? live.refinedSteps / live.wanted.steps : null;
}
