/** The catalogue, read when somebody looks at it. */

import { bundledCatalogue } from "../../storage/bundledModel";
import { factsOf } from "../frame/failureFacts";
import { libraryStore } from "./libraryStore";

/** Reads the catalogue once; what failed is tried again the next time. */
export async function readCatalogue(): Promise<void> {
  if (libraryStore.getState().catalogue.status === "here") return;
  try {
    libraryStore.setState({ catalogue: { status: "here", value: await bundledCatalogue() } });
  } catch (error) {
    libraryStore.setState({ catalogue: { status: "failed", failure: factsOf(error) } });
  }
}
