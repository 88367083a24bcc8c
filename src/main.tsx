/** Composition root of the page: workers, settings, updates and the screen meet here and nowhere else. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { connectDrawing, openLastModel } from "./app/drawing/loading";
import { browserSurroundings, reloadOnceForIsolation } from "./app/frame/isolation";
import { addNotice } from "./app/frame/notices";
import { connectLive } from "./app/live/liveMode";
import { watchUpdates } from "./app/offline/updates";
import { isBusy, store } from "./app/store";
import { connectWorker } from "./app/workers";
import { WorkerClient } from "./client/workerClient";
import { loadSettings, saveSettings } from "./storage/settings";
import "./app/styles/index.css";

const textStore = () => localStorage;

const { settings, problem } = loadSettings(textStore);
document.documentElement.setAttribute("data-theme", settings.theme);
store.setState({ settings });
if (problem === "unreadable") addNotice("settings-reset");
store.subscribe((state, before) => {
  if (state.settings !== before.settings && !saveSettings(textStore, state.settings))
    addNotice("settings-unsaved");
});

const spawn = () => new Worker(new URL("./worker/main.ts", import.meta.url), { type: "module" });
connectDrawing(new WorkerClient(spawn));
connectWorker("library", new WorkerClient(spawn));
connectWorker("bench", new WorkerClient(spawn));
connectLive(document);

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root to draw in.");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

watchUpdates();
reloadOnceForIsolation(() => !isBusy(store.getState()), browserSurroundings());
// The model is in the box, or kept from an earlier visit, so it may come as soon as the first frame is on screen.
requestAnimationFrame(() => setTimeout(() => void openLastModel()));
