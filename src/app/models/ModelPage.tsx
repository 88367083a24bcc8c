/** The model's card: what its makers say, what was measured, and every word it knows. */

import { useEffect, useRef } from "react";
import type { ModelCard } from "../../core/modelCard";
import { SAMPLER_NAMES } from "../../core/recipe";
import { WordKinds } from "../compose/Vocabulary";
import { Icon } from "../Icon";
import { MODELS, STUDIO } from "../place";
import { isBoxChosen, useApp } from "../store";
import { Evaluation } from "./Evaluation";
import { Markdown } from "./Markdown";
import { useTextPaper } from "./papers";

export function ModelPage() {
  const title = useRef<HTMLHeadingElement>(null);
  const model = useApp(({ boxReport }) => boxReport);
  // The words are those of the model that draws, so they stand here only while it is this one.
  const hasWords = useApp((state) => isBoxChosen(state) && (state.modelReport?.vocabulary ?? null) !== null);
  useEffect(() => {
    // Another page as far as a person can tell, so reading begins at its top.
    scrollTo({ top: 0 });
    title.current?.focus({ preventScroll: true });
  }, []);
  return (
    <main className="model-page">
      <nav className="ways-back" aria-label="Back">
        <a className="link with-icon" href={STUDIO}>
          <Icon name="back" />
          Back to the studio
        </a>
        <a className="link" href={MODELS}>
          All models
        </a>
      </nav>
      <header>
        <h1 ref={title} tabIndex={-1}>
          {model?.name ?? "The model in the box"}
        </h1>
        {model && <Facts model={model} />}
      </header>
      <Readme fallback={model?.summary ?? ""} />
      <Evaluation />
      {hasWords && (
        <section className="all-words" aria-labelledby="words-title">
          <h2 id="words-title">Vocabulary</h2>
          <WordKinds onPress={null} />
        </section>
      )}
    </main>
  );
}

function Readme({ fallback }: { readonly fallback: string }) {
  const paper = useTextPaper("README.md");
  switch (paper.status) {
    case "loading":
      return <p aria-busy="true">{fallback}</p>;
    case "absent":
      return <p>{fallback}</p>;
    case "failed":
      return (
        <>
          <p>{fallback}</p>
          <p className="note">The rest of the card is not here: {paper.message}</p>
        </>
      );
    case "here":
      return <Markdown text={paper.content} />;
  }
}

function Facts({ model }: { readonly model: ModelCard }) {
  const { defaults, licence } = model;
  const made = `${SAMPLER_NAMES[defaults.sampler]}, ${defaults.steps} steps, guidance ${defaults.guidanceScale}`;
  const backend = useApp((state) =>
    state.model.status === "ready" && isBoxChosen(state) ? state.model.backend.description : null,
  );
  const facts = [
    ["Pictures", `${defaults.widthPx} × ${defaults.heightPx} pixels`],
    ["Made for", made],
    ["Licence", licence],
    ...(backend === null ? [] : [["Runs here on", backend]]),
  ];
  return (
    <dl className="measures">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
