/** The state of the benchmark's view. */

import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { BackendChoice } from "../../core/backend";
import type { BENCH_PLANS, BenchProgress, BenchReport } from "../../protocol/bench";
import type { FailureFacts } from "../store";

/** How much is measured. */
export type PlanName = keyof typeof BENCH_PLANS;

/** The benchmark, or what became of it. */
export type BenchRun =
  | { readonly status: "idle" | "stopped" }
  | { readonly status: "running"; readonly progress: BenchProgress | null }
  | { readonly status: "done"; readonly report: BenchReport }
  | { readonly status: "failed"; readonly failure: FailureFacts };

export interface BenchState {
  readonly plan: PlanName;
  /** Null: as the settings of the studio say. */
  readonly backend: BackendChoice | null;
  readonly run: BenchRun;
}

export const benchStore = createStore<BenchState>()(() => ({
  plan: "quick",
  backend: null,
  run: { status: "idle" },
}));

/** One narrow value of the store, for a component. */
export function useBench<T>(select: (state: BenchState) => T): T {
  return useStore(benchStore, select);
}
