/** An action and how far it has come, or what became of it. */

import type { KeptModel } from "../../protocol/library";
import { Icon } from "../frame/Icon";
import { dismissTask, stopTask } from "./actions";
import { partOf, progressText } from "./amounts";
import { attend, entryTitleId } from "./attention";
import { FailureNote } from "./FailureNote";
import { type Action, type Task, useLibrary } from "./libraryStore";

const FAILED: Readonly<Record<Action, string>> = {
  fetch: "Fetching it stopped.",
  import: "It was not copied.",
  verify: "It could not be verified.",
  export: "It was not exported.",
  delete: "It was not deleted.",
};

const DONE: Readonly<Partial<Record<Action, string>>> = {
  fetch: "Fetched, and every byte of it verified.",
  verify: "Every byte is what it should be.",
  export: "Exported.",
};

export function TaskView({ model }: { readonly model: KeptModel }) {
  const task = useLibrary(({ tasks }) => tasks[model.modelId]);
  if (task === undefined) return null;
  switch (task.status) {
    case "running":
      return <RunningTask model={model} task={task} />;
    case "stopped":
      return null;
    case "done":
      return <DoneTask model={model} action={task.action} />;
    case "failed":
      return (
        <FailureNote title={FAILED[task.action]} failure={task.failure}>
          <button type="button" className="button quiet" onClick={() => dismissTask(model.modelId)}>
            Dismiss
          </button>
        </FailureNote>
      );
  }
}

interface RunningTaskProps {
  readonly model: KeptModel;
  readonly task: Extract<Task, { status: "running" }>;
}

function RunningTask({ model: { modelId, name }, task: { action, progress } }: RunningTaskProps) {
  const part = progress === null ? null : partOf(progress);
  const isPause = action === "fetch";
  return (
    <div className="task">
      <progress
        aria-label={`Progress of ${name}`}
        max={1}
        {...(part === null || progress === null ? {} : { value: part })}
      />
      <div className="task-line">
        <p>
          {progressText(progress)}
          {progress !== null && progress.path !== "" && <small>{progress.path}</small>}
        </p>
        {action !== "delete" && (
          <button
            type="button"
            className="button quiet"
            aria-label={`${isPause ? "Pause" : "Stop"} ${name}`}
            onClick={() => {
              stopTask(modelId);
              attend(entryTitleId(modelId));
            }}
          >
            <Icon name={isPause ? "pause" : "close"} />
            {isPause ? "Pause" : "Stop"}
          </button>
        )}
      </div>
    </div>
  );
}

function DoneTask({ model, action }: { readonly model: KeptModel; readonly action: Action }) {
  const text = DONE[action];
  // A model that was found damaged says so where its state is told.
  if (text === undefined || model.state !== "ready") return null;
  return (
    <p className="task-done with-icon" role="status">
      <Icon name="check" />
      {text}
    </p>
  );
}
