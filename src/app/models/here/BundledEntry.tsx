/** Models that are here without being kept: the bundled model, and files of the disk that draw or were to. */

import { useEffect, useRef } from "react";
import { Icon } from "../../frame/Icon";
import { comesFrom, MODEL_CARD } from "../../frame/route";
import { BUNDLED, type ChosenModel, useApp } from "../../store";
import { importModel } from "../actions";
import { entryTitleId } from "../attention";
import { UseButton, UseState } from "../UseButton";

export function BundledEntry() {
  const card = useApp(({ bundledReport }) => bundledReport);
  const name = card?.name ?? "The model in the box";
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // Who comes back from the card goes on from where it was opened.
    if (comesFrom("model-card")) link.current?.focus();
  }, []);
  return (
    <li className="entry">
      <div className="entry-text">
        <h3 id={entryTitleId("bundled")} tabIndex={-1}>
          {name}
        </h3>
        {card !== null && card.summary !== "" && <p>{card.summary}</p>}
        <p className="facts-line">
          <span>In the box</span>
          {card !== null && <span>{card.licence}</span>}
          <span>nothing to fetch</span>
        </p>
      </div>
      <div className="actions">
        <UseButton chosen={BUNDLED} name={name} titleId={entryTitleId("bundled")} />
        <a ref={link} className="button quiet" href={MODEL_CARD}>
          Model card
        </a>
      </div>
      <UseState source={BUNDLED.source} />
    </li>
  );
}

/** Files of the disk that draw now, or could not be opened; nothing for any other model. */
export function DiskEntry({ chosen }: { readonly chosen: ChosenModel }) {
  if (chosen.source.kind !== "chosen") return null;
  const { name } = chosen;
  return (
    <li className="entry">
      <div className="entry-text">
        <h3 id={entryTitleId("disk")} tabIndex={-1}>
          {name}
        </h3>
        <p className="facts-line">
          <span>Read where it lies on your disk, for this visit</span>
        </p>
      </div>
      <div className="actions">
        <UseButton chosen={chosen} name={name} titleId={entryTitleId("disk")} />
        <button type="button" className="button quiet" onClick={() => keepCopy(chosen)}>
          <Icon name="copy" />
          Keep a copy
        </button>
      </div>
      <UseState source={chosen.source} />
    </li>
  );
}

function keepCopy({ source, name }: ChosenModel): void {
  if (source.kind !== "chosen") return;
  const totalBytes = source.files.reduce((sum, { file }) => sum + file.size, 0);
  void importModel({ name, files: source.files, totalBytes });
}
