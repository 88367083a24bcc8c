/**
 * The worker's end of the wire: answers calls by name, cancels by id, and knows how far the page has looked. The page runs
 * this script for drawing, for the library and for the benchmark; each answers every call, and each is asked only its own.
 */

import { asFailure } from "../core/failure";
import type { CallName, Calls, Handlers, ToPage, ToWorker } from "../protocol/calls";
import { benchHandlers } from "./bench";
import { createDrawingHandlers } from "./drawing";
import { createLibraryHandlers } from "./library";
import { buffersIn } from "./transfer";

interface Running {
  readonly abort: AbortController;
  unseen: number;
}

const running = new Map<number, Running>();
const handlers: Handlers = { ...createDrawingHandlers(), ...createLibraryHandlers(), ...benchHandlers };

async function answer<K extends CallName>(name: K, id: number, params: Calls[K]["params"]): Promise<void> {
  const call: Running = { abort: new AbortController(), unseen: 0 };
  running.set(id, call);
  try {
    const result = await handlers[name](params, {
      signal: call.abort.signal,
      report: (progress, transfer) => {
        call.unseen++;
        send({ type: "progress", id, progress }, transfer);
      },
      isBehind: () => call.unseen > 0,
    });
    send({ type: "result", id, result }, buffersIn(result));
  } catch (error) {
    const { code, message } = asFailure(error);
    send({ type: "failure", id, code, message });
  } finally {
    running.delete(id);
  }
}

function send(message: ToPage, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

function receive({ data }: MessageEvent<ToWorker>): void {
  switch (data.type) {
    case "call":
      void answer(data.name, data.id, data.params); // never rejects: every outcome is a message
      return;
    case "cancel":
      running.get(data.id)?.abort.abort();
      return;
    case "seen": {
      const call = running.get(data.id);
      if (call) call.unseen--;
      return;
    }
    case "ping":
      send({ type: "pong", id: data.id });
      return;
  }
}

self.onmessage = receive;
