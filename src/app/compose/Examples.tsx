/** Prompts that the model's makers chose, with the pictures that this model made of them. */

import { useState } from "react";
import type { Example } from "../../core/modelCard";
import { generateExample } from "../drawing/actions";
import { type AppState, isBundledChosen, isBusy, useApp } from "../store";

/** Thumbnails lie in `public/examples`, numbered from 1 in the order of the model's own list. */
const THUMBNAILS = 6;
const NUMBERS = Array.from({ length: THUMBNAILS }, (_, index) => index + 1);

/** The examples on an empty stage. */
export function ExampleGrid() {
  const hasNone = useApp(hasNoExamples);
  return (
    <div className="welcome">
      <h2>{hasNone ? "Type a few words." : "Type a few words, or start from one of these."}</h2>
      {!hasNone && (
        <ul className="example-grid">
          <ExampleItems />
        </ul>
      )}
    </div>
  );
}

/** The same, small, once there is a picture on the stage. */
export function ExampleRow() {
  const isStageEmpty = useApp(({ shownId, run }) => shownId === null && run.status !== "running");
  const hasNone = useApp(hasNoExamples);
  if (isStageEmpty || hasNone) return null;
  return (
    <section className="examples" aria-labelledby="examples-title">
      <h2 id="examples-title">Examples</h2>
      <ul className="example-row">
        <ExampleItems />
      </ul>
    </section>
  );
}

/** Before a model has loaded only the bundled model is sure to have some. */
function hasNoExamples(state: AppState): boolean {
  const { modelReport } = state;
  return modelReport === null ? !isBundledChosen(state) : modelReport.examples.length === 0;
}

const NONE: readonly Example[] = [];

function ExampleItems() {
  const examples = useApp(({ modelReport }) => modelReport?.examples ?? NONE);
  const isUnknown = useApp(({ modelReport }) => modelReport === null);
  const slots = NUMBERS.filter((number) => isUnknown || examples[number - 1] !== undefined);
  return slots.map((number) => (
    <li key={number}>
      <ExampleButton number={number} example={examples[number - 1] ?? null} />
    </li>
  ));
}

function ExampleButton({ number, example }: { readonly number: number; readonly example: Example | null }) {
  const busy = useApp(isBusy);
  // The pictures are what the bundled model made of its examples.
  const isBundled = useApp(isBundledChosen);
  const [isMissing, setMissing] = useState(false);
  return (
    <button
      type="button"
      className="example"
      title={example?.prompt}
      disabled={example === null || busy}
      onClick={() => example && void generateExample(example)}
    >
      <span className="thumbnail">
        {isBundled && !isMissing && (
          <img
            src={`${import.meta.env.BASE_URL}examples/${number}.webp`}
            alt=""
            decoding="async"
            onError={() => setMissing(true)}
          />
        )}
      </span>
      <span className={example ? "example-prompt" : "example-prompt is-unknown"}>
        {example?.prompt ?? `Example ${number}`}
      </span>
    </button>
  );
}
