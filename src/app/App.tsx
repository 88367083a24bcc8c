/** The one screen: words on one side, the picture on the other. */

import { useEffect } from "react";
import { Stage } from "./canvas/Stage";
import { Composer } from "./compose/Composer";
import { Controls } from "./compose/Controls";
import { Header } from "./Header";
import { listenForHotkeys } from "./hotkeys";
import { LiveRegion } from "./LiveRegion";
import { pageTitle } from "./statusText";
import { useApp } from "./store";
import { Toasts } from "./Toasts";

export function App() {
  const title = useApp(pageTitle);
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
      <main className="studio">
        <Composer />
        <Controls />
        <Stage />
      </main>
      <Toasts />
      <LiveRegion />
    </>
  );
}
