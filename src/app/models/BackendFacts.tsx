/** The engine that makes the pictures, and where it runs. */

import { useEffect, useRef } from "react";
import { BENCH, comesFrom, MODEL_CARD, MODELS, type Route } from "../frame/route";
import { isBundledChosen, useApp } from "../store";

export function BackendFacts() {
  const model = useApp((state) => state.modelReport);
  const isBundled = useApp(isBundledChosen);
  const backend = useApp((state) => (state.model.status === "ready" ? state.model.backend : null));
  return (
    <section className="facts" aria-label="About the model">
      {model && (
        <p>
          <strong>{model.name}</strong>
          {model.summary} {isBundled ? <CardLink /> : <a href={MODELS}>Models</a>}
        </p>
      )}
      {backend && (
        <p>
          Runs on: {backend.description}. {backend.reason} <BenchLink />
        </p>
      )}
      <p>What you type and what you make stay on this device.</p>
    </section>
  );
}

function CardLink() {
  return (
    <a ref={useReturnRoute("model-card")} href={MODEL_CARD}>
      Model card
    </a>
  );
}

function BenchLink() {
  return (
    <a ref={useReturnRoute("bench")} href={BENCH}>
      How fast?
    </a>
  );
}

/** The focus returns to the link of the route that was left. */
function useReturnRoute(route: Route) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (comesFrom(route)) link.current?.focus();
  }, [route]);
  return link;
}
