/** How much of the browser's storage is taken, and whether what is kept is safe there. */

import { useState } from "react";
import type { StorageReport } from "../../../protocol/library";
import { Icon } from "../../frame/Icon";
import { persistStorage } from "../actions";
import { bytesText } from "../amounts";
import { useLibrary } from "../libraryStore";

export function StorageMeter() {
  const listing = useLibrary((state) => state.listing);
  if (listing.status !== "here") return null;
  const { storage } = listing.value;
  return (
    <section className="storage" aria-label="Storage">
      <Amounts storage={storage} />
      <Safety isPersisted={storage.isPersisted} />
    </section>
  );
}

function Amounts({ storage: { usedBytes, quotaBytes } }: { readonly storage: StorageReport }) {
  if (quotaBytes === null || quotaBytes <= 0) return <p>{bytesText(usedBytes)} kept in this browser.</p>;
  const freeBytes = Math.max(0, quotaBytes - usedBytes);
  return (
    <>
      <meter
        aria-label="Storage used"
        min={0}
        max={1}
        value={Math.min(1, usedBytes / quotaBytes)}
        title={`${bytesText(usedBytes)} of ${bytesText(quotaBytes)}`}
      />
      <p>
        <strong>{bytesText(usedBytes)}</strong> kept in this browser, room for {bytesText(freeBytes)} more.
      </p>
    </>
  );
}

function Safety({ isPersisted }: { readonly isPersisted: boolean }) {
  const [isAsked, setAsked] = useState(false);
  if (isPersisted)
    return (
      <p className="with-icon">
        <Icon name="check" />
        The browser will not clear it by itself.
      </p>
    );
  if (isAsked)
    return (
      <p>
        The browser has not promised to keep it. Installing Afterimage, or coming back often, usually helps.
      </p>
    );
  const ask = async () => {
    await persistStorage();
    setAsked(true);
  };
  return (
    <p>
      The browser may clear it when the disk runs full.{" "}
      <button type="button" className="link" onClick={() => void ask()}>
        Ask it not to
      </button>
    </p>
  );
}
