/** The state of the models view: the kept models, the device's abilities, and the work on each model. */

import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { CatalogueEntry } from "../../protocol/catalogue";
import type {
  DeviceReport,
  FetchPlan,
  KeptModel,
  StorageReport,
  TransferProgress,
} from "../../protocol/library";
import type { FailureFacts } from "../store";
import type { ChosenFolder } from "./adding/disk";

/** An answer that was asked for. */
export type Answer<T> =
  | { readonly status: "asking" }
  | { readonly status: "here"; readonly value: T }
  | { readonly status: "failed"; readonly failure: FailureFacts };

export interface Listing {
  readonly models: readonly KeptModel[];
  readonly storage: StorageReport;
}

/** The kinds of work on a kept model, or on one that is to be kept. */
export type Action = "fetch" | "import" | "verify" | "export" | "delete";

/** An action that is being done, or what became of it. */
export type Task =
  | { readonly status: "running"; readonly action: Action; readonly progress: TransferProgress | null }
  | { readonly status: "stopped" | "done"; readonly action: Action }
  | { readonly status: "failed"; readonly action: Action; readonly failure: FailureFacts };

/** The plan for fetching a model that somebody asked about. */
export type Planning =
  | { readonly status: "asking" }
  | { readonly status: "here"; readonly plan: FetchPlan }
  | { readonly status: "failed"; readonly failure: FailureFacts };

/** Where somebody asked: the field, or an entry of the catalogue by its id. */
export type PlanTarget = "field" | `catalogue ${string}`;

/** The files that were chosen on the person's own disk. */
export type Disk =
  | { readonly status: "empty" }
  | { readonly status: "reading" }
  | { readonly status: "here"; readonly folder: ChosenFolder }
  | { readonly status: "failed"; readonly failure: FailureFacts };

export interface LibraryState {
  readonly listing: Answer<Listing>;
  readonly device: Answer<DeviceReport>;
  readonly catalogue: Answer<readonly CatalogueEntry[]>;
  /** By the id of the model. */
  readonly tasks: Readonly<Record<string, Task>>;
  /** Models whose first bytes are on their way, before the list has them. */
  readonly coming: readonly KeptModel[];
  readonly plans: Readonly<Partial<Record<PlanTarget, Planning>>>;
  readonly disk: Disk;
}

export const INITIAL_LIBRARY: LibraryState = {
  listing: { status: "asking" },
  device: { status: "asking" },
  catalogue: { status: "asking" },
  tasks: {},
  coming: [],
  plans: {},
  disk: { status: "empty" },
};

export const libraryStore = createStore<LibraryState>()(() => INITIAL_LIBRARY);

/** One narrow value of the library, for a component. */
export function useLibrary<T>(select: (state: LibraryState) => T): T {
  return useStore(libraryStore, select);
}

/** Sets or takes away (null) what is known of an action. */
export function setTask(modelId: string, task: Task | null): void {
  const { [modelId]: _, ...others } = libraryStore.getState().tasks;
  libraryStore.setState({ tasks: task === null ? others : { ...others, [modelId]: task } });
}

/** Sets or takes away (null) what was planned somewhere. */
export function setPlan(target: PlanTarget, planning: Planning | null): void {
  const { [target]: _, ...others } = libraryStore.getState().plans;
  libraryStore.setState({ plans: planning === null ? others : { ...others, [target]: planning } });
}

/** Kept models in the order of their names, those on their way among them. */
export function modelsOf({
  listing,
  coming,
}: Pick<LibraryState, "listing" | "coming">): readonly KeptModel[] {
  const kept = listing.status === "here" ? listing.value.models : [];
  const isListed = ({ modelId }: KeptModel) => kept.some((other) => other.modelId === modelId);
  return [...kept, ...coming.filter((model) => !isListed(model))].sort(
    (a, b) => a.name.localeCompare(b.name, "en") || (a.modelId < b.modelId ? -1 : 1),
  );
}

/** True while something is done to the model that must end before anything else is begun. */
export function isTaskRunning(tasks: LibraryState["tasks"], modelId: string): boolean {
  return tasks[modelId]?.status === "running";
}
