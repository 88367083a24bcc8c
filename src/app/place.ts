/** Where in the app one is, as the address says: the studio, or the card of the model. */

import { useSyncExternalStore } from "react";

/** The address of the model's card within the page; it can be linked to from anywhere. */
export const MODEL_CARD = "#model-card";
/** The address of everything else. */
export const STUDIO = "#studio";

export type Place = "studio" | "model-card";

/** The place that the address names now. */
export function placeNow(): Place {
  return location.hash === MODEL_CARD ? "model-card" : "studio";
}

/** The place, followed as the address changes. */
export function usePlace(): Place {
  return useSyncExternalStore(listen, placeNow);
}

function listen(onChange: () => void): () => void {
  addEventListener("hashchange", onChange);
  return () => removeEventListener("hashchange", onChange);
}
