/** Good public models that could be here: what each is good for, what it takes, and whether this device can run it. */

import type { CatalogueEntry } from "../../../protocol/catalogue";
import { Icon } from "../../frame/Icon";
import { useApp } from "../../store";
import { planModel } from "../actions";
import { bytesText } from "../amounts";
import { FailureNote } from "../FailureNote";
import { deviceFit, type Fit } from "../fit/deviceFit";
import { FitNote, likelySize, useFit } from "../fit/FitNote";
import { type LibraryState, modelsOf, type PlanTarget, useLibrary } from "../libraryStore";
import { PlanView } from "./PlanView";

export function Catalogue() {
  const catalogue = useLibrary((state) => state.catalogue);
  const device = useLibrary((state) => state.device);
  if (catalogue.status === "asking") return null;
  return (
    <section aria-labelledby="catalogue-title">
      <h2 id="catalogue-title">Worth fetching</h2>
      {catalogue.status === "failed" ? (
        <FailureNote title="The list of models did not come." failure={catalogue.failure} />
      ) : (
        <ul className="catalogue">
          {bestFirst(catalogue.value, device).map((entry) => (
            <Offer key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Those that run here before those that run slowly, and those before the rest, with what draws no pictures; else in the catalogue's own order. */
function bestFirst(
  entries: readonly CatalogueEntry[],
  device: LibraryState["device"],
): readonly CatalogueEntry[] {
  if (device.status !== "here") return entries;
  const rank = ({ missing, needs, defaults }: CatalogueEntry) =>
    missing === null && defaults !== null
      ? VERDICTS.indexOf(deviceFit(device.value, needs, defaults).verdict)
      : VERDICTS.length;
  return [...entries].sort((a, b) => rank(a) - rank(b));
}

const VERDICTS: readonly Fit["verdict"][] = ["runs", "runs-slowly", "will-not-run"];

function Offer({ entry }: { readonly entry: CatalogueEntry }) {
  const { id, name, summary, sizeBytes, isSizeExact, licence, missing } = entry;
  const target: PlanTarget = `catalogue ${id}`;
  return (
    <li className="offer">
      <h3>{name}</h3>
      <p className="facts-line">
        <span>
          {isSizeExact ? "" : "about "}
          {bytesText(sizeBytes)}
        </span>
        <a href={licence.url} target="_blank" rel="noreferrer">
          {licence.name}
        </a>
      </p>
      <p>{summary}</p>
      {licence.isNonCommercial && <p className="non-commercial">Non-commercial use only.</p>}
      {licence.limits !== null && <p className="state-note">{licence.limits}</p>}
      {missing === null ? (
        // A part that draws no pictures runs wherever the models that it serves do.
        entry.defaults && <FitNote needs={entry.needs} size={entry.defaults} />
      ) : (
        <p className="fit is-bad">
          <Icon name="alert" />
          {missing}
        </p>
      )}
      <OfferActions entry={entry} target={target} />
      <PlanView target={target} />
    </li>
  );
}

interface OfferActionsProps {
  readonly entry: CatalogueEntry;
  readonly target: PlanTarget;
}

function OfferActions({ entry, target }: OfferActionsProps) {
  const { name, repository, revision, missing, needs, defaults } = entry;
  const fit = useFit(needs, defaults ?? likelySize(needs));
  const hubUrl = useApp(({ settings }) => settings.hubUrl);
  const isAsked = useLibrary(({ plans }) => plans[target] !== undefined);
  const isHere = useLibrary((state) =>
    modelsOf(state).some(({ origin }) => origin?.kind === "hub" && origin.repository === repository),
  );
  if (isHere)
    return (
      <p className="state-note with-icon">
        <Icon name="check" />
        On this device: see above.
      </p>
    );
  if (missing !== null || isAsked) return null;
  const label = defaults !== null && fit?.verdict === "will-not-run" ? "Fetch all the same" : "Fetch";
  const ask = () => void planModel(target, { kind: "hub", baseUrl: hubUrl, repository, revision });
  return (
    <div className="actions">
      <button type="button" className="button" aria-label={`${label}: ${name}`} onClick={ask}>
        <Icon name="download" />
        {label}
      </button>
    </div>
  );
}
