/** The studio, words on one side and the picture on the other; its models, the card of its own, and the benchmark. */

import { lazy, Suspense, useEffect } from "react";
import { Stage } from "./canvas/Stage";
import { Composer } from "./compose/Composer";
import { Controls } from "./compose/Controls";
import { listenForDrops } from "./dropping/dropping";
import { Header } from "./frame/Header";
import { listenForHotkeys } from "./frame/hotkeys";
import { LiveRegion } from "./frame/LiveRegion";
import { type Route, useRoute } from "./frame/route";
import { SkipLink } from "./frame/SkipLink";
import { pageTitle } from "./frame/statusText";
import { Toasts } from "./frame/Toasts";
import { useApp } from "./store";

// Who only draws needs none of them.
const BenchPage = lazy(() => import("./bench/BenchPage").then((m) => ({ default: m.BenchPage })));
const ModelsPage = lazy(() => import("./models/ModelsPage").then((m) => ({ default: m.ModelsPage })));
const ModelPage = lazy(() => import("./models/card/ModelPage").then((m) => ({ default: m.ModelPage })));

export function App() {
  const route = useRoute();
  const bundledName = useApp(({ bundledReport }) => bundledReport?.name ?? "Model");
  const progress = useApp(pageTitle);
  const title = titleOf(route, bundledName, progress);
  const theme = useApp(({ settings }) => settings.theme);
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    document.documentElement.setAttribute("data-theme", theme);
  }, [theme]);
  useEffect(listenForHotkeys, []);
  useEffect(listenForDrops, []);
  return (
    <>
      <SkipLink />
      <Header />
      <Toasts />
      <Suspense fallback={<main className="model-page" aria-busy="true" />}>
        <RouteView route={route} />
      </Suspense>
      <LiveRegion />
    </>
  );
}

function RouteView({ route }: { readonly route: Route }) {
  switch (route) {
    case "studio":
      return <Studio />;
    case "models":
      return <ModelsPage />;
    case "model-card":
      return <ModelPage />;
    case "bench":
      return <BenchPage />;
  }
}

function titleOf(route: Route, bundledName: string, progress: string): string {
  switch (route) {
    case "studio":
      return progress;
    case "models":
      return `Models · ${progress}`;
    case "model-card":
      return `${bundledName}: model card · ${progress}`;
    case "bench":
      return `Benchmark · ${progress}`;
  }
}

function Studio() {
  return (
    <main className="studio">
      <Composer />
      <Controls />
      <Stage />
    </main>
  );
}
