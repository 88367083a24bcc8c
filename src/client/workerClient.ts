/** The page's handle on the worker: one promise per call, and none that can hang. */

import { Failure } from "../core/failure";
import type { CallName, Calls, ToPage, ToWorker } from "../protocol/calls";

interface Pending {
  resolve(result: never): void;
  reject(failure: Failure): void;
  report(progress: never): void;
}

interface CallOptions<K extends CallName> {
  readonly signal?: AbortSignal;
  /** Takes in one progress report; the worker holds previews back until it has returned. */
  readonly onProgress?: (progress: Calls[K]["progress"]) => void;
}

interface Patience {
  /** How often a busy worker is asked whether it lives. */
  readonly pingMs: number;
  /** How many questions in a row may stay open; one pass of a large network on a busy CPU can take minutes. */
  readonly openPings: number;
}

const PATIENCE: Patience = { pingMs: 15_000, openPings: 60 };

/** Calls to one worker at a time; when it dies, everything pending is rejected and `restart` makes another. */
export class WorkerClient {
  readonly #spawn: () => Worker;
  readonly #patience: Patience;
  readonly #pending = new Map<number, Pending>();
  readonly #deathListeners = new Set<(failure: Failure) => void>();
  #worker: Worker | null = null;
  #nextId = 0;
  #death: Failure | null = null;
  #openPings = 0;
  #heartbeat: ReturnType<typeof setInterval> | null = null;

  /** @param spawn makes a worker; called at the first call and after each `restart`. */
  constructor(spawn: () => Worker, patience: Partial<Patience> = {}) {
    this.#spawn = spawn;
    this.#patience = { ...PATIENCE, ...patience };
  }

  /** @throws {Failure} with the worker's own code; "cancelled" once the worker has stopped because `signal` fired. */
  async call<K extends CallName>(
    name: K,
    params: Calls[K]["params"],
    { signal, onProgress }: CallOptions<K> = {},
  ): Promise<Calls[K]["result"]> {
    if (this.#death) throw this.#death;
    if (signal?.aborted) throw new Failure("cancelled", "Cancelled before it began.");
    this.#worker ??= this.#start();
    const id = this.#nextId++;
    // The worker stops between two steps. How long that takes says nothing of whether it lives.
    const cancel = () => this.#post({ type: "cancel", id });
    signal?.addEventListener("abort", cancel);
    try {
      return await new Promise<Calls[K]["result"]>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, report: (progress) => onProgress?.(progress) });
        this.#listenForLife();
        this.#post({ type: "call", id, name, params } as ToWorker);
      });
    } finally {
      this.#pending.delete(id);
      signal?.removeEventListener("abort", cancel);
      if (this.#pending.size === 0) this.#stopListening();
    }
  }

  /** Tells `listener` of each death of a worker; returns the undo. */
  onDeath(listener: (failure: Failure) => void): () => void {
    this.#deathListeners.add(listener);
    return () => this.#deathListeners.delete(listener);
  }

  /** Ends the worker, rejects what it was doing, and lets the next call make a new one. */
  restart(): void {
    this.#dismiss(new Failure("cancelled", "The engine was restarted."));
    this.#death = null;
  }

  #start(): Worker {
    const worker = this.#spawn();
    worker.onmessage = ({ data }: MessageEvent<ToPage>) => this.#receive(data);
    worker.onerror = (event) => this.#die(new Failure("internal", event.message || "The engine stopped."));
    worker.onmessageerror = () =>
      this.#die(new Failure("internal", "A message from the engine was unreadable."));
    return worker;
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #receive(message: ToPage): void {
    this.#openPings = 0;
    const pending = this.#pending.get(message.id);
    if (!pending) return; // already settled: a late answer to a cancelled call
    switch (message.type) {
      case "progress":
        try {
          pending.report(message.progress as never);
        } finally {
          this.#post({ type: "seen", id: message.id });
        }
        return;
      case "result":
        pending.resolve(message.result as never);
        return;
      case "failure":
        pending.reject(new Failure(message.code, message.message));
        return;
      case "pong":
        return;
    }
  }

  /** A worker that was killed for memory may fire no event at all, so a busy one is asked now and then. */
  #listenForLife(): void {
    if (this.#heartbeat !== null) return;
    const { pingMs, openPings } = this.#patience;
    this.#openPings = 0;
    this.#heartbeat = setInterval(() => {
      const silent = `The engine has not answered for ${Math.round((openPings * pingMs) / 1000)} s.`;
      if (this.#openPings++ < openPings) this.#post({ type: "ping", id: this.#nextId++ });
      else this.#die(new Failure("internal", silent));
    }, pingMs);
  }

  #stopListening(): void {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    this.#heartbeat = null;
  }

  #die(failure: Failure): void {
    if (this.#death) return;
    this.#death = failure;
    this.#dismiss(failure);
    for (const listener of this.#deathListeners) listener(failure);
  }

  #dismiss(failure: Failure): void {
    this.#stopListening();
    this.#worker?.terminate();
    this.#worker = null;
    for (const pending of this.#pending.values()) pending.reject(failure);
  }
}
