/** The calls of the model library: the kept models, and those that could be kept. */

import type { LibraryHandlers } from "../protocol/calls";
import { bundledCatalogue } from "../storage/bundledModel";
import { withKnownHashes } from "../storage/catalogue";
import { planFromHub } from "../storage/hub";
import { createLibrary } from "../storage/library/library";
import { deviceReport } from "./deviceReport";

/** Handlers over this site's storage; other tabs and the worker that draws may be at the same one. */
export function createLibraryHandlers(): LibraryHandlers {
  const library = createLibrary();
  return {
    device: () => deviceReport(crossOriginIsolated),
    listModels: async () => {
      const [models, storage] = await Promise.all([library.list(), library.storageReport()]);
      return { models, storage };
    },
    planModel: async ({ origin }, { signal }) => {
      const draft = await planFromHub(origin, { fetch: (url, init) => fetch(url, { ...init, signal }) });
      return library.complete(withKnownHashes(draft, await bundledCatalogue()));
    },
    fetchModel: ({ plan }, { signal, report }) => library.fetch(plan, { signal, onProgress: report }),
    importModel: ({ name, files }, { signal, report }) =>
      library.import(name, files, { signal, onProgress: report }),
    verifyModel: ({ modelId }, { signal, report }) => library.verify(modelId, { signal, onProgress: report }),
    deleteModel: async ({ modelId }) => {
      await library.remove(modelId);
      return {};
    },
    exportModel: async ({ modelId, folder }, { signal, report }) => {
      await library.export(modelId, folder, { signal, onProgress: report });
      return {};
    },
  };
}
