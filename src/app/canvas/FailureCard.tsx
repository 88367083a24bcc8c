/** A failure as a sentence, with its remedies. */

import { useEffect, useRef, useState } from "react";
import { takeRemedy } from "../drawing/actions";
import { failureText, REMEDY_LABELS } from "../frame/failureText";
import { type AppState, type FailureFacts, situationOf, useApp } from "../store";

export function FailureCard() {
  const failure = useApp(failureOf);
  const worker = useApp((state) => situationOf(state).worker);
  const model = useApp((state) => situationOf(state).model);
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (failure !== null) card.current?.scrollIntoView({ block: "nearest" });
  }, [failure]);
  if (failure === null) return null;
  const { title, advice, remedies } = failureText(failure.code, { worker, model });
  return (
    <div ref={card} className="failure" role="alert">
      <h2>{title}</h2>
      <p>{advice}</p>
      <p className="failure-detail">{failure.message}</p>
      <div className="actions">
        {remedies.map((remedy, index) => (
          <button
            key={remedy}
            type="button"
            className={index === 0 ? "button" : "button quiet"}
            onClick={() => void takeRemedy(remedy)}
          >
            {REMEDY_LABELS[remedy]}
          </button>
        ))}
        <CopyDetails failure={failure} />
      </div>
    </div>
  );
}

function CopyDetails({ failure }: { readonly failure: FailureFacts }) {
  const [label, setLabel] = useState("Copy details");
  const backend = useApp(({ model }) =>
    model.status === "ready" ? model.backend.description : "not running",
  );
  const details = `${failure.code}: ${failure.message}\nruns on: ${backend}\nbrowser: ${navigator.userAgent}`;
  const copy = () =>
    navigator.clipboard.writeText(details).then(
      () => setLabel("Copied"),
      () => setLabel("Not copied"),
    );
  return (
    <button type="button" className="button quiet" onClick={() => void copy()}>
      {label}
    </button>
  );
}

function failureOf({ model, run }: AppState): FailureFacts | null {
  if (run.status === "failed") return run.failure;
  return model.status === "failed" || model.status === "dead" ? model.failure : null;
}
