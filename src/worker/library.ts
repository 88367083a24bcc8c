/** What the worker answers as the library of models: what is kept here, and what could be. */

import { Failure } from "../core/failure";
import type { LibraryHandlers } from "../protocol/calls";
import { deviceReport } from "../runtime/deviceReport";

/** Handlers over this site's storage. */
export function createLibraryHandlers(): LibraryHandlers {
  const closed = async (): Promise<never> => {
    throw new Failure("unsupported", "This version keeps no models yet.");
  };
  return {
    device: () => deviceReport(crossOriginIsolated),
    listModels: closed,
    planModel: closed,
    fetchModel: closed,
    importModel: closed,
    verifyModel: closed,
    deleteModel: closed,
    exportModel: closed,
  };
}
