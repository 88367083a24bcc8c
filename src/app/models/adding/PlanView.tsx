/** The cost of fetching a model, and the question whether to. */

import { useEffect, useMemo, useRef } from "react";
import { isTinyDecoder } from "../../../checkpoint/layout/kind";
import type { FetchPlan } from "../../../protocol/library";
import { Icon } from "../../frame/Icon";
import { fetchPlanned, forgetPlan } from "../actions";
import { bytesText } from "../amounts";
import { attend, entryTitleId } from "../attention";
import { FailureNote } from "../FailureNote";
import { needsOfFiles } from "../fit/deviceFit";
import { FitNote, likelySize } from "../fit/FitNote";
import { type LibraryState, type PlanTarget, useLibrary } from "../libraryStore";
import { licenceText } from "../licences";
import { originText } from "./origins";

export function PlanView({ target }: { readonly target: PlanTarget }) {
  const planning = useLibrary(({ plans }) => plans[target]);
  if (planning === undefined) return null;
  switch (planning.status) {
    case "asking":
      return (
        <div className="task-line" role="status">
          <p>Asking what it takes</p>
          <button type="button" className="button quiet" onClick={() => forgetPlan(target)}>
            Cancel
          </button>
        </div>
      );
    case "failed":
      return (
        <FailureNote title="It cannot be fetched." failure={planning.failure}>
          <button type="button" className="button quiet" onClick={() => forgetPlan(target)}>
            Dismiss
          </button>
        </FailureNote>
      );
    case "here":
      return <PlanCard target={target} plan={planning.plan} />;
  }
}

function PlanCard({ target, plan }: { readonly target: PlanTarget; readonly plan: FetchPlan }) {
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
  const isDecoder = isTinyDecoder(files.map(({ path }) => path));
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
      {target === "field" && !isDecoder && <FitNote needs={needs} size={likelySize(needs)} />}
      {unknown > 0 && <p className="state-note">{checksumText(unknown, files.length)}</p>}
      {missingBytes > 0 && (
        <p className="state-note is-bad with-icon">
          <Icon name="alert" />
          {bytesText(missingBytes)} of room are missing. Delete a model, or free space on the disk.
        </p>
      )}
      <div className="actions">
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
              void fetchPlanned(target, plan);
              attend(entryTitleId(plan.modelId));
            }}
          >
            <Icon name="download" />
            {keptBytes > 0 ? "Go on fetching" : "Fetch"} {bytesText(wantedBytes)}
          </button>
        )}
        <button type="button" className="button quiet" onClick={() => forgetPlan(target)}>
          {isHere ? "Dismiss" : "Cancel"}
        </button>
      </div>
    </section>
  );
}

/** The checks of files whose hash nobody has published. */
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
