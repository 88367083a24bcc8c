/** What makes the pictures, and where it runs. */

import { MODEL_CARD } from "../place";
import { useApp } from "../store";

export function EngineFacts() {
  const model = useApp((state) => state.modelReport);
  const backend = useApp((state) => (state.model.status === "ready" ? state.model.backend : null));
  return (
    <section className="facts" aria-label="About the model">
      {model && (
        <p>
          <strong>{model.name}</strong>
          {model.summary} <a href={MODEL_CARD}>Model card</a>
        </p>
      )}
      {backend && (
        <p>
          Runs on: {backend.description}. {backend.reason}
        </p>
      )}
      <p>What you type and what you make stay on this device.</p>
    </section>
  );
}
