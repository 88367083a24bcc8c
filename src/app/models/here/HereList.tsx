/** The models that draw without any download: the bundled model, files of the disk in use, and what is kept. */

import { useMemo } from "react";
import { useApp } from "../../store";
import { HERE_TITLE_ID } from "../attention";
import { FailureNote } from "../FailureNote";
import { modelsOf, useLibrary } from "../libraryStore";
import { BundledEntry, DiskEntry } from "./BundledEntry";
import { KeptEntry } from "./KeptEntry";

export function HereList() {
  const listing = useLibrary((state) => state.listing);
  const coming = useLibrary((state) => state.coming);
  const inUse = useApp(({ chosen }) => chosen);
  const refused = useApp((state) => state.refused?.chosen ?? null);
  const models = useMemo(() => modelsOf({ listing, coming }), [listing, coming]);
  return (
    <section aria-labelledby={HERE_TITLE_ID}>
      <h2 id={HERE_TITLE_ID} tabIndex={-1}>
        On this device
      </h2>
      <ul className="entries" aria-busy={listing.status === "asking"}>
        <BundledEntry />
        <DiskEntry chosen={inUse} />
        {refused !== null && <DiskEntry chosen={refused} />}
        {models.map((model) => (
          <KeptEntry key={model.modelId} model={model} />
        ))}
      </ul>
      {listing.status === "failed" && (
        <FailureNote title="What is kept here could not be listed." failure={listing.failure} />
      )}
    </section>
  );
}
