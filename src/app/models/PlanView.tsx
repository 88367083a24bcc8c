/** What fetching a model would take, and the question whether to. */

import { useEffect, useMemo, useRef } from "react";
import { needsOfFiles } from "../../core/deviceFit";
import { type FetchPlan, isLoneNetwork } from "../../core/library";
import { Icon } from "../Icon";
import { fetchPlanned, forgetPlan } from "./actions";
import { bytesText } from "./amounts";
import { attend, entryTitleId } from "./attention";
import { FailureNote } from "./FailureNote";
import { FitNote, likelySize } from "./FitNote";
import { type LibraryState, type PlanPlace, useLibrary } from "./libraryStore";
import { licenceText } from "./licences";
import { originText } from "./origins";

export function PlanView({ place }: { readonly place: PlanPlace }) {
  const planning = useLibrary(({ plans }) => plans[place]);
  if (planning === undefined) return null;
  switch (planning.status) {
    case "asking":
      return (
        <div className="task-line" role="status">
          <p>Asking what it takes</p>
          <button type="button" className="button quiet" onClick={() => forgetPlan(place)}>
            Cancel
          </button>
        </div>
      );
    case "failed":
      return (
        <FailureNote title="It cannot be fetched." failure={planning.failure}>
          <button type="button" className="button quiet" onClick={() => forgetPlan(place)}>
            Dismiss
          </button>
        </FailureNote>
      );
    case "here":
      return <PlanCard place={place} plan={planning.plan} />;
  }
}

function PlanCard({ place, plan }: { readonly place: PlanPlace; readonly plan: FetchPlan }) {
  const { name, origin, licence, files, totalBytes, keptBytes } = plan;
  const title = useRef<HTMLHeadingElement>(null);
  const freeBytes = useLibrary(freeOf);
  const isHere = useLibrary(({ listing }) => isReady(listing, plan.modelId));
  useEffect(() => title.current?.focus(), []);
  const wantedBytes = totalBytes - keptBytes;
  const missingBytes = freeBytes === null ? 0 : wantedBytes - freeBytes;
  const unknown = files.filter(({ sha256 }) => sha256 === null).length;
  const from = originText(origin);
  const needs = useMemo(() => needsOfFiles(files), [files]);
  const isLone = isLoneNetwork(files.map(({ path }) => path));
  return (
    <section className="plan" aria-label={`Fetch ${name}?`}>
      <h3 ref={title} tabIndex={-1}>
        {name}
      </h3>
      <dl className="plan-facts">
        <div>
          <dt>To fetch</dt>
          <dd>
            {bytesText(wantedBytes)} in {files.length === 1 ? "1 file" : `${files.length} files`}
            {keptBytes > 0 && `, ${bytesText(keptBytes)} are here already`}
          </dd>
        </div>
        <div>
          <dt>Room</dt>
          <dd>
            {freeBytes === null ? "The browser does not say" : `${bytesText(freeBytes)} free in this browser`}
          </dd>
        </div>
        <div>
          <dt>Licence</dt>
          <dd>{licenceText(licence)}</dd>
        </div>
        <div>
          <dt>From</dt>
          <dd>
            <a href={from.url} target="_blank" rel="noreferrer">
              {from.text}
            </a>
          </dd>
        </div>
      </dl>
      {/* In the catalogue it stands above, from what is known of the model. */}
      {place === "field" && !isLone && <FitNote needs={needs} size={likelySize(needs)} />}
      {unknown > 0 && <p className="state-note">{checksumText(unknown, files.length)}</p>}
      {missingBytes > 0 && (
        <p className="state-note is-bad with-icon">
          <Icon name="alert" />
          {bytesText(missingBytes)} of room are missing. Delete a model, or free space on the disk.
        </p>
      )}
      <div className="deeds">
        {isHere ? (
          <p className="with-icon">
            <Icon name="check" />
            It is here already.
          </p>
        ) : (
          <button
            type="button"
            className="button main"
            disabled={missingBytes > 0}
            onClick={() => {
              void fetchPlanned(place, plan);
              attend(entryTitleId(plan.modelId));
            }}
          >
            <Icon name="download" />
            {keptBytes > 0 ? "Go on fetching" : "Fetch"} {bytesText(wantedBytes)}
          </button>
        )}
        <button type="button" className="button quiet" onClick={() => forgetPlan(place)}>
          {isHere ? "Dismiss" : "Cancel"}
        </button>
      </div>
    </section>
  );
}

/** What can be checked of files whose hash nobody has published. */
function checksumText(unknown: number, count: number): string {
  const which =
    unknown === count
      ? "These files have"
      : unknown === 1
        ? "One of its files has"
        : `${unknown} of its files have`;
  return `${which} no published checksum: size and structure are checked, and later readings against the first.`;
}

function freeOf({ listing }: LibraryState): number | null {
  if (listing.status !== "here") return null;
  const { usedBytes, quotaBytes } = listing.value.storage;
  return quotaBytes === null ? null : Math.max(0, quotaBytes - usedBytes);
}

function isReady(listing: LibraryState["listing"], modelId: string): boolean {
  if (listing.status !== "here") return false;
  return listing.value.models.some((model) => model.modelId === modelId && model.state === "ready");
}
