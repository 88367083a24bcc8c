/** The part of the app that the address names: the studio, the models, the card of the bundled model, or the benchmark. */

import { useSyncExternalStore } from "react";

/** The address of the model's card within the page; it can be linked to from anywhere. */
export const MODEL_CARD = "#model-card";
/** The address of everything about models: those that are here, and those that could be. */
export const MODELS = "#models";
/** The address of the benchmark; `bench.html` leads to it. */
export const BENCH = "#bench";
/** The address of everything else. */
export const STUDIO = "#studio";

export type Route = "studio" | "models" | "model-card" | "bench";

const ROUTES: Readonly<Record<string, Route>> = {
  [MODEL_CARD]: "model-card",
  [MODELS]: "models",
  [BENCH]: "bench",
};

/** The route that the address names now. */
export function routeNow(): Route {
  return ROUTES[location.hash] ?? "studio";
}

/** The route, followed as the address changes. */
export function useRoute(): Route {
  return useSyncExternalStore(listen, routeNow);
}

/** Where one was before; null at the beginning of a visit. */
let routeBefore: Route | null = null;
let routeLast: Route | null = null;

/** True for whoever comes from `route`: the way back then goes on from where it was left. */
export function comesFrom(route: Route): boolean {
  return routeBefore === route;
}

function listen(onChange: () => void): () => void {
  if (routeLast === null) {
    // Before the first listener, so that whoever is told of a change can ask where it came from.
    routeLast = routeNow();
    addEventListener("hashchange", noteRoute);
  }
  addEventListener("hashchange", onChange);
  return () => removeEventListener("hashchange", onChange);
}

function noteRoute(): void {
  routeBefore = routeLast;
  routeLast = routeNow();
}
