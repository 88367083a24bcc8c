/** The model's card: what its makers say, what was measured, and every word it knows. */

import { useEffect, useRef } from "react";
import type { ModelCard } from "../../../core/modelCard";
import { SAMPLER_NAMES } from "../../../core/recipe";
import { WordKinds } from "../../compose/Vocabulary";
import { Icon } from "../../frame/Icon";
import { MODELS, STUDIO } from "../../frame/route";
import { isBundledChosen, useApp } from "../../store";
import { useTextDocument } from "./bundledDocuments";
import { Evaluation } from "./Evaluation";
import { Markdown } from "./Markdown";

export function ModelPage() {
  const title = useRef<HTMLHeadingElement>(null);
  const model = useApp(({ bundledReport }) => bundledReport);
  // The words are those of the model that draws, so they stand here only while it is this one.
  const hasWords = useApp(
    (state) => isBundledChosen(state) && (state.modelReport?.vocabulary ?? null) !== null,
  );
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
  const bundled = useTextDocument("README.md");
  switch (bundled.status) {
    case "loading":
      return <p aria-busy="true">{fallback}</p>;
    case "absent":
      return <p>{fallback}</p>;
    case "failed":
      return (
        <>
          <p>{fallback}</p>
          <p className="note">The rest of the card is not here: {bundled.message}</p>
        </>
      );
    case "here":
      return <Markdown text={bundled.content} />;
  }
}

function Facts({ model }: { readonly model: ModelCard }) {
  const { defaults, licence } = model;
  const made = `${SAMPLER_NAMES[defaults.sampler]}, ${defaults.steps} steps, guidance ${defaults.guidanceScale}`;
  const backend = useApp((state) =>
    state.model.status === "ready" && isBundledChosen(state) ? state.model.backend.description : null,
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
