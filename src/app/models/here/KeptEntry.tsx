/** A model that is kept, or on its way: what it is, what is being done to it, and what can be. */

import { useEffect, useRef, useState } from "react";
import type { KeptModel } from "../../../protocol/library";
import { factsOf } from "../../frame/failureFacts";
import { Icon } from "../../frame/Icon";
import { deleteModel, dismissTask, exportModel, resumeModel, verifyModel } from "../actions";
import { canPickFolders, isClosing, pickFolder } from "../adding/disk";
import { originText } from "../adding/origins";
import { bytesText } from "../amounts";
import { attend, entryTitleId, HERE_TITLE_ID } from "../attention";
import { isTaskRunning, useLibrary } from "../libraryStore";
import { licenceText } from "../licences";
import { TaskView } from "../TaskView";
import { UseButton, UseState } from "../UseButton";

export function KeptEntry({ model }: { readonly model: KeptModel }) {
  const { modelId, name } = model;
  const isBusy = useLibrary(({ tasks }) => isTaskRunning(tasks, modelId));
  const hasFailed = useLibrary(({ tasks }) => tasks[modelId]?.status === "failed");
  const [isDeleting, setDeleting] = useState(false);
  const source = { kind: "kept", modelId } as const;
  return (
    <li className="entry">
      <div className="entry-text">
        <h3 id={entryTitleId(modelId)} tabIndex={-1}>
          {name}
        </h3>
        <Facts model={model} />
        {!isBusy && !hasFailed && <StateNote model={model} />}
      </div>
      {isDeleting ? (
        <DeleteQuestion model={model} onEnd={() => setDeleting(false)} />
      ) : (
        !isBusy && (
          <div className="actions">
            {model.state === "ready" && !model.isTinyDecoder && (
              <UseButton chosen={{ source, name }} name={name} titleId={entryTitleId(modelId)} />
            )}
            <Actions model={model} onDelete={() => setDeleting(true)} />
          </div>
        )
      )}
      <TaskView model={model} />
      <UseState source={source} />
    </li>
  );
}

function Facts({
  model: { origin, licence, totalBytes, keptBytes, state, files },
}: {
  readonly model: KeptModel;
}) {
  const size =
    state === "ready" ? bytesText(totalBytes) : `${bytesText(keptBytes)} of ${bytesText(totalBytes)}`;
  const from = origin === null ? null : originText(origin);
  return (
    <p className="facts-line">
      <span>{size}</span>
      <span>{files === 1 ? "1 file" : `${files} files`}</span>
      {from === null ? (
        <span>Copied from your disk</span>
      ) : (
        <a href={from.url} target="_blank" rel="noreferrer">
          {from.text}
        </a>
      )}
      {(origin !== null || licence !== null) && <span>{licenceText(licence)}</span>}
    </p>
  );
}

function StateNote({ model: { state, origin, isTinyDecoder } }: { readonly model: KeptModel }) {
  switch (state) {
    case "ready":
      return isTinyDecoder ? (
        <p className="state-note">
          Draws no pictures itself: a tiny decoder makes the previews of the models that it fits detailed,
          from the next time that they are opened.
        </p>
      ) : null;
    case "partial":
      return <p className="state-note">Paused. What is here is verified, and is not fetched again.</p>;
    case "damaged":
      return (
        <p className="state-note is-bad with-icon">
          <Icon name="alert" />
          {origin === null
            ? "Damaged: some of its bytes are not what they were. Delete it, and copy it from your disk again."
            : "Damaged: some of its bytes are not what they were. Repairing fetches only those."}
        </p>
      );
  }
}

interface ActionsProps {
  readonly model: KeptModel;
  onDelete(): void;
}

function Actions({ model, onDelete }: ActionsProps) {
  const { name, state, origin, modelId } = model;
  const isListed = useLibrary(({ coming }) => !coming.some((other) => other.modelId === modelId));
  const canGoOn = state !== "ready" && origin !== null;
  if (!isListed && origin === null)
    return (
      <button type="button" className="button quiet" onClick={() => dismissTask(modelId)}>
        Dismiss
      </button>
    );
  return (
    <>
      {canGoOn && (
        <button
          type="button"
          className="button"
          aria-label={`${state === "damaged" ? "Repair" : "Resume"} ${name}`}
          onClick={() => {
            void resumeModel(model);
            attend(entryTitleId(modelId));
          }}
        >
          <Icon name="download" />
          {state === "damaged" ? "Repair" : "Resume"}
        </button>
      )}
      {state !== "partial" && (
        <button
          type="button"
          className="button quiet"
          aria-label={`Verify ${name}`}
          title="Reads every byte again and compares"
          onClick={() => {
            void verifyModel(model);
            attend(entryTitleId(modelId));
          }}
        >
          Verify
        </button>
      )}
      {state === "ready" && <ExportButton model={model} />}
      <button
        type="button"
        className="button quiet"
        id={deleteId(modelId)}
        aria-label={`Delete ${name}`}
        onClick={onDelete}
      >
        Delete
      </button>
    </>
  );
}

function ExportButton({ model }: { readonly model: KeptModel }) {
  const [note, setNote] = useState<string | null>(null);
  const pick = async () => {
    if (!canPickFolders()) {
      setNote("This browser cannot write into folders of your disk. Chrome and Edge can.");
      return;
    }
    try {
      const folder = await pickFolder("readwrite");
      attend(entryTitleId(model.modelId));
      await exportModel(model, folder);
    } catch (error) {
      // Who closes the picker has changed their mind, and knows it.
      if (!isClosing(error)) setNote(`That folder cannot be written to: ${factsOf(error).message}`);
    }
  };
  return (
    <>
      <button
        type="button"
        className="button quiet"
        aria-label={`Export ${model.name}`}
        title="Copies its files into a folder of your disk"
        onClick={() => void pick()}
      >
        Export
      </button>
      {note !== null && (
        <p className="state-note" role="status">
          {note}
        </p>
      )}
    </>
  );
}

/** Asked where the button was, and answered with the keyboard as well. */
function DeleteQuestion({ model, onEnd }: { readonly model: KeptModel; onEnd(): void }) {
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), []);
  const end = () => {
    onEnd();
    attend(deleteId(model.modelId));
  };
  const doDelete = () => {
    onEnd();
    void deleteModel(model);
    attend(HERE_TITLE_ID);
  };
  const loss = model.origin === null ? "The original on your disk stays." : "It can be fetched again.";
  return (
    <fieldset className="question" onKeyDown={({ key }) => key === "Escape" && end()}>
      <legend>
        Delete {bytesText(model.keptBytes)} of {model.name}?
      </legend>
      <p>{loss}</p>
      <div className="actions">
        <button ref={keep} type="button" className="button" onClick={end}>
          Keep
        </button>
        <button type="button" className="button dangerous" onClick={doDelete}>
          <Icon name="trash" />
          Delete
        </button>
      </div>
    </fieldset>
  );
}

function deleteId(modelId: string): string {
  return `delete-${encodeURIComponent(modelId)}`;
}
