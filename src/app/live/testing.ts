/** Shared by the tests of live mode: a page with a model, a tab that can be hidden, and a person who types and waits. */

import { vi } from "vitest";
import { Failure } from "../../core/failure";
import type { Draft } from "../../protocol/calls";
import * as actions from "../drawing/actions";
import * as loading from "../drawing/loading";
import { INITIAL_STATE, store } from "../store";
import { type AskedCall, FakeClient, MODEL, pictureOf } from "../testing";
import { connectLive, type Tab } from "./liveMode";

export const BACKEND = { kind: "wasm", description: "processor, 2 threads", reason: null } as const;
export const DRAFT: Draft = { image: { widthPx: 1, heightPx: 1, bytes: new Uint8ClampedArray(4) } };

class HandTab extends EventTarget implements Tab {
  hidden = false;

  setHidden(hidden: boolean): void {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

/** Lets so much time pass, on a clock of the test's own. */
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A page with live mode on and its model ready, until it is closed. */
export class LivePage {
  readonly client = new FakeClient();
  readonly tab = new HandTab();
  readonly #disconnect: () => void;

  private constructor() {
    loading.connectDrawing(this.client);
    const settings = { ...INITIAL_STATE.settings, isLive: true };
    store.setState({ ...INITIAL_STATE, settings }, true);
    this.#disconnect = connectLive(this.tab);
  }

  static async open(): Promise<LivePage> {
    vi.useFakeTimers();
    const page = new LivePage();
    void loading.loadModel();
    page.client.take("load").resolve({ model: MODEL, backend: BACKEND });
    await pass(0);
    return page;
  }

  async close(): Promise<void> {
    this.#disconnect();
    this.client.die(new Failure("internal", "the test is over"));
    await pass(0);
    vi.useRealTimers();
  }

  /** Types a first prompt, and gives its draft step by step, so that steps of its kind are known. */
  async warm(stepMs = 100): Promise<void> {
    actions.changeSettings({ prompt: "a first one" });
    await pass(120);
    const call = this.client.take("draft");
    const { steps } = call.params.recipe;
    for (let step = 0; step <= steps; step++) {
      call.progress({ stage: "denoise", step, steps, preview: null });
      await pass(stepMs);
    }
    call.resolve(DRAFT);
    await pass(0);
  }

  /** Types a prompt, and gives its draft. */
  async drafted(prompt: string): Promise<AskedCall<"draft">> {
    actions.changeSettings({ prompt });
    await pass(120);
    const call = this.client.take("draft");
    call.resolve(DRAFT);
    await pass(0);
    return call;
  }

  /** Types a prompt, and lets it come to a picture. */
  async refined(prompt: string): Promise<void> {
    await this.drafted(prompt);
    await pass(600);
    const call = this.client.take("generate");
    call.resolve(pictureOf(call.params.recipe));
    await pass(0);
    store.setState({ live: null }); // as the canvas does once it shows the picture
  }
}
