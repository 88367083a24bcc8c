/** A model from the person's own disk: chosen or dropped, then used where it lies, or copied. */

import { useMemo, useRef } from "react";
import { chooseFromDisk, drawFromDisk, forgetDisk, importModel } from "../actions";
import { bytesText } from "../amounts";
import { attend, HERE_TITLE_ID } from "../attention";
import { FailureNote } from "../FailureNote";
import { needsOfFiles } from "../fit/deviceFit";
import { FitNote, likelySize } from "../fit/FitNote";
import { useLibrary } from "../libraryStore";
import { type ChosenFolder, canPickFolders, fromHandle, fromInput, pickFolder } from "./disk";

/** Where to look after something was dropped. */
export const DISK_SECTION_ID = "from-disk";

export function DiskSection() {
  const disk = useLibrary((state) => state.disk);
  return (
    <div className="from-disk" id={DISK_SECTION_ID}>
      <Choosing isReading={disk.status === "reading"} />
      {disk.status === "failed" && (
        <FailureNote title="That cannot be taken." failure={disk.failure}>
          <button type="button" className="button quiet" onClick={forgetDisk}>
            Dismiss
          </button>
        </FailureNote>
      )}
      {disk.status === "here" && <ChosenCard folder={disk.folder} />}
    </div>
  );
}

function Choosing({ isReading }: { readonly isReading: boolean }) {
  const folderInput = useRef<HTMLInputElement>(null);
  const fileInput = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    const files = [...(input.files ?? [])];
    // The same folder can then be chosen again.
    input.value = "";
    if (files.length > 0) void chooseFromDisk(() => fromInput(files));
  };
  const chooseFolder = () => {
    if (canPickFolders()) void chooseFromDisk(async () => fromHandle(await pickFolder("read")));
    else folderInput.current?.click();
  };
  return (
    <div className="drop-zone" aria-busy={isReading}>
      <p>
        <strong>Or take one from this computer.</strong> Drop it anywhere on this page: a folder with
        model_index.json in it, or one .safetensors file.
      </p>
      <div className="actions">
        <button type="button" className="button" disabled={isReading} onClick={chooseFolder}>
          Choose a folder
        </button>
        <button
          type="button"
          className="button"
          disabled={isReading}
          onClick={() => fileInput.current?.click()}
        >
          Choose a file
        </button>
      </div>
      <input
        ref={folderInput}
        type="file"
        hidden
        {...{ webkitdirectory: "" }}
        onChange={({ currentTarget }) => take(currentTarget)}
      />
      <input
        ref={fileInput}
        type="file"
        hidden
        accept=".safetensors"
        onChange={({ currentTarget }) => take(currentTarget)}
      />
    </div>
  );
}

function ChosenCard({ folder }: { readonly folder: ChosenFolder }) {
  const { name, files, totalBytes } = folder;
  const needs = useMemo(
    () => needsOfFiles(files.map(({ path, file }) => ({ path, sizeBytes: file.size }))),
    [files],
  );
  const begin = (action: (chosen: ChosenFolder) => Promise<void>) => {
    void action(folder);
    attend(HERE_TITLE_ID);
  };
  return (
    <section className="plan" aria-label={`Chosen: ${name}`}>
      <h3>{name}</h3>
      <p className="facts-line">
        <span>{bytesText(totalBytes)}</span>
        <span>{files.length === 1 ? "1 file" : `${files.length} files`}</span>
      </p>
      <FitNote needs={needs} size={likelySize(needs)} />
      <p>
        It can be read where it lies, and nothing is copied; then it is here until this page closes. A copy is
        here at the next visit too.
      </p>
      <div className="actions">
        <button type="button" className="button main" onClick={() => begin(drawFromDisk)}>
          Use from disk
        </button>
        <button type="button" className="button" onClick={() => begin(importModel)}>
          Keep a copy
        </button>
        <button type="button" className="button quiet" onClick={forgetDisk}>
          Cancel
        </button>
      </div>
    </section>
  );
}
