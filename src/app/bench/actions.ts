/** The actions of the benchmark. Each action sets its store; none of them rejects. */

import { BENCH_PLANS, type BenchReport } from "../../protocol/bench";
import { factsOf } from "../frame/failureFacts";
import { isBusy, store } from "../store";
import { workerClient } from "../workers";
import { benchStore } from "./benchStore";

let stopping: AbortController | null = null;

/** Measures the model that draws, beside it. Does nothing while a picture is drawn, which would be measured too, or while it measures already. */
export async function startBench(): Promise<void> {
  const { chosen, settings } = store.getState();
  const { plan, backend, run } = benchStore.getState();
  if (isBusy(store.getState()) || run.status === "running") return;
  const abort = new AbortController();
  stopping = abort;
  benchStore.setState({ run: { status: "running", progress: null } });
  try {
    const report = await workerClient("bench").call(
      "bench",
      { source: chosen.source, backend: backend ?? settings.backend, plan: BENCH_PLANS[plan] },
      {
        signal: abort.signal,
        onProgress: (progress) =>
          abort.signal.aborted || benchStore.setState({ run: { status: "running", progress } }),
      },
    );
    if (!abort.signal.aborted) benchStore.setState({ run: { status: "done", report } });
  } catch (error) {
    if (!abort.signal.aborted) benchStore.setState({ run: { status: "failed", failure: factsOf(error) } });
  } finally {
    // Unless another has been begun meanwhile.
    if (stopping === abort) workerClient("bench").restart();
  }
}

/** Stops measuring, now as far as the person can see; its worker is ended, and its memory comes back. */
export function stopBench(): void {
  if (benchStore.getState().run.status !== "running") return;
  stopping?.abort();
  stopping = null;
  workerClient("bench").restart();
  benchStore.setState({ run: { status: "stopped" } });
}

/** The report as a file has it. */
export function jsonOf(report: BenchReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** The file's name: when and on what it was measured. */
export function fileNameOf({ date, backend }: Pick<BenchReport, "date" | "backend">): string {
  return `afterimage-bench-${backend}-${date.slice(0, 19).replaceAll(/[:T]/g, "-")}.json`;
}

/** @returns whether the browser let it be put on the clipboard. */
export async function copyReport(report: BenchReport): Promise<boolean> {
  return navigator.clipboard.writeText(jsonOf(report)).then(
    () => true,
    () => false,
  );
}
