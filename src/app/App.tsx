/** The studio, words on one side and the picture on the other; and the card of its model. */

import { useEffect } from "react";
import { Stage } from "./canvas/Stage";
import { Composer } from "./compose/Composer";
import { Controls } from "./compose/Controls";
import { Header } from "./Header";
import { listenForHotkeys } from "./hotkeys";
import { LiveRegion } from "./LiveRegion";
import { ModelPage } from "./models/ModelPage";
import { usePlace } from "./place";
import { pageTitle } from "./statusText";
import { useApp } from "./store";
import { Toasts } from "./Toasts";

export function App() {
  const place = usePlace();
  const model = useApp(({ modelReport }) => modelReport?.name ?? "Model");
  const progress = useApp(pageTitle);
  const title = place === "model-card" ? `${model}: model card · ${progress}` : progress;
  const theme = useApp(({ settings }) => settings.theme);
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    document.documentElement.setAttribute("data-theme", theme);
  }, [theme]);
  useEffect(listenForHotkeys, []);
  return (
    <>
      <Header />
      {place === "model-card" ? <ModelPage /> : <Studio />}
      <Toasts />
      <LiveRegion />
    </>
  );
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
