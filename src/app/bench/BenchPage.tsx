/** The benchmark: what will be measured, how far it is, and what came. */

import { useEffect, useRef } from "react";
import { BENCH_PARTS, BENCH_PLANS, type BenchProgress, FEW_PICTURES } from "../../protocol/bench";
import { ChoiceField } from "../compose/fields/ChoiceField";
import { Icon } from "../frame/Icon";
import { STUDIO } from "../frame/route";
import { FailureNote } from "../models/FailureNote";
import { isBusy, useApp } from "../store";
import { startBench, stopBench } from "./actions";
import { benchStore, type PlanName, useBench } from "./benchStore";
import { Results } from "./Results";

export function BenchPage() {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Another page as far as a person can tell, so reading begins at its top.
    scrollTo({ top: 0 });
    title.current?.focus({ preventScroll: true });
  }, []);
  return (
    <main className="model-page bench-page">
      <nav className="ways-back" aria-label="Back">
        <a className="link with-icon" href={STUDIO}>
          <Icon name="back" />
          Back to the studio
        </a>
      </nav>
      <header>
        <h1 ref={title} tabIndex={-1}>
          Benchmark
        </h1>
        <p className="lead">
          How fast this device draws, and how much of a picture is not the networks. What it finds stays here
          until you copy or save it.
        </p>
      </header>
      <WhatIsMeasured />
      <Start />
      <Outcome />
    </main>
  );
}

function WhatIsMeasured() {
  const { pictures, manyPictures, scalingMs } = BENCH_PLANS[useBench(({ plan }) => plan)];
  return (
    <section aria-labelledby="bench-what">
      <h2 id="bench-what">What is measured</h2>
      <ul className="bench-parts">
        <li>The first picture, from opening the model: at once, and opened again.</li>
        <li>
          {pictures} pictures, each beside its bare network calls: the same networks on the same inputs, with
          nothing of ours around them.
        </li>
        <li>
          The same pictures by a naive loop, as public demos have it: latents and texts go to the network and
          back at every step.
        </li>
        <li>
          Memory after {FEW_PICTURES} pictures and after {manyPictures}.
        </li>
        <li>
          What more steps, larger pictures and more of them cost, as far as {Math.round(scalingMs / 1000)}{" "}
          seconds go.
        </li>
      </ul>
    </section>
  );
}

const PLAN_CHOICES = [
  { value: "quick", label: "Quick" },
  { value: "whole", label: "Whole" },
] as const satisfies readonly { value: PlanName; label: string }[];

const BACKEND_CHOICES = [
  { value: "auto", label: "Auto" },
  { value: "webgpu", label: "GPU" },
  { value: "wasm", label: "Processor" },
] as const;

function Start() {
  const plan = useBench((state) => state.plan);
  const isRunning = useBench(({ run }) => run.status === "running");
  const isDrawing = useApp(isBusy);
  const model = useApp(({ modelReport, chosen }) => modelReport?.name ?? chosen.name);
  const wanted = useApp(({ settings }) => settings.backend);
  const backend = useBench((state) => state.backend) ?? wanted;
  return (
    <section className="bench-start" aria-label="Measure">
      <ChoiceField
        legend="How much"
        choices={PLAN_CHOICES}
        value={plan}
        disabled={isRunning}
        onChange={(next) => benchStore.setState({ plan: next })}
      />
      <ChoiceField
        legend="Run on"
        choices={BACKEND_CHOICES}
        value={backend}
        disabled={isRunning}
        onChange={(next) => benchStore.setState({ backend: next })}
      />
      <div className="actions">
        {isRunning ? (
          <button type="button" className="button" onClick={stopBench}>
            <Icon name="close" />
            Stop
          </button>
        ) : (
          <button
            type="button"
            className="button main"
            disabled={isDrawing}
            onClick={() => void startBench()}
          >
            {model === "" ? "Measure" : `Measure ${model}`}
          </button>
        )}
      </div>
      {isDrawing && <p className="note">A picture is being drawn; measuring would wait for its turn.</p>}
    </section>
  );
}

function Outcome() {
  const run = useBench((state) => state.run);
  switch (run.status) {
    case "idle":
      return null;
    case "stopped":
      return (
        <p className="note" role="status">
          Stopped. Nothing was kept.
        </p>
      );
    case "running":
      return <Running progress={run.progress} />;
    case "done":
      return <Results report={run.report} />;
    case "failed":
      return <FailureNote title="It could not be measured." failure={run.failure} />;
  }
}

const PART_NAMES: Readonly<Record<BenchProgress["part"], string>> = {
  opening: "First pictures",
  pictures: "Pictures",
  memory: "Pictures, for memory",
  scaling: "More work",
};

function Running({ progress }: { readonly progress: BenchProgress | null }) {
  const text =
    progress === null
      ? "Beginning"
      : `Part ${BENCH_PARTS.indexOf(progress.part) + 1} of ${BENCH_PARTS.length}. ${PART_NAMES[progress.part]}: ${progress.done} of ${progress.total}`;
  return (
    <div className="task">
      <progress
        aria-label="Progress"
        max={1}
        {...(progress === null ? {} : { value: progress.done / progress.total })}
      />
      <p className="bench-progress">{text}</p>
    </div>
  );
}
