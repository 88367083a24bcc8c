/** What makes the pictures, and where it runs. */

import { useEffect, useRef } from "react";
import { comesFrom, MODEL_CARD, MODELS } from "../place";
import { isBoxChosen, useApp } from "../store";

export function EngineFacts() {
  const model = useApp((state) => state.modelReport);
  const isBox = useApp(isBoxChosen);
  const backend = useApp((state) => (state.model.status === "ready" ? state.model.backend : null));
  return (
    <section className="facts" aria-label="About the model">
      {model && (
        <p>
          <strong>{model.name}</strong>
          {model.summary} {isBox ? <CardLink /> : <a href={MODELS}>Models</a>}
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

function CardLink() {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // Who comes back from the card goes on from where it was opened.
    if (comesFrom("model-card")) link.current?.focus();
  }, []);
  return (
    <a ref={link} href={MODEL_CARD}>
      Model card
    </a>
  );
}
