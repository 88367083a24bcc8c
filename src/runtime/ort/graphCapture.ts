/**
 * Graph capture for the extents that a network on a GPU is run with most: it is opened once more for each (capturedSession.ts). The
 * session with free extents stays, and takes every other run.
 */

import { asFailure } from "../../core/failure";
import type { CapturedSession } from "./capturedSession";
import type { Session } from "./session";
import type { Feeds, Port, Tensors } from "./tensors";

/** Extents by the names that a graph's inputs have for them. */
export type Extents = Readonly<Record<string, number>>;

/** How a network is opened once more, and what that takes. */
export interface CaptureOptions {
  /** How long opening it took the first time. */
  readonly openMs: number;
  now(): number;
  /** Opens it with graph capture for these extents; null if its graph cannot be captured. */
  open(extents: Extents): Promise<CapturedSession | null>;
  /** Sets memory aside for its weights once more; false if there is none. */
  reserve(): boolean;
  /** Gives back what {@link reserve} set aside. */
  giveBack(): void;
  /** Makes the device usable again after a run for which there was not enough memory. */
  recover(): Promise<void>;
}

/** A picture has passes for one text and for two, where guidance is limited to an interval. */
const KEPT_MAX = 2;

/**
 * Capture is paid for in advance, without knowing how many runs are to come: it is due when the host has spent as much time on runs
 * of these extents as opening takes, so that it never costs more than twice the best (Karlin et al. 1988, "ski rental"). The first
 * run of a size compiles shaders, and does not count.
 *
 * @param free the same network with free extents; it is released with what is returned.
 */
export function withGraphCapture(free: Session, options: CaptureOptions): Session {
  const captures = new CapturedSessions(options);
  const spentMs = new Map<string, number>();
  /** True if it is time to capture runs of these extents. */
  const isDue = (key: string, ms: number) => {
    const before = spentMs.get(key);
    spentMs.set(key, before === undefined ? 0 : before + ms);
    return before !== undefined && before + ms >= options.openMs;
  };
  return {
    ...free,
    async runInto(feeds, fetches) {
      const key = keyOf(feeds);
      const isOnGpu =
        key !== null && Object.values(fetches).every(({ location }) => location === "gpu-buffer");
      if (isOnGpu && (await captures.runInto(key, feeds, fetches))) return;
      const startMs = options.now();
      await free.runInto(feeds, fetches).catch((error: unknown) => captures.freeMemoryAfter(error));
      if (!isOnGpu || !isDue(key, options.now() - startMs)) return;
      spentMs.delete(key);
      await captures.add(key, extentsOf(free.ports.inputs, feeds));
    },
    async release() {
      await captures.close();
      await free.release();
    },
  };
}

/** The captured sessions by the dtypes and extents of their inputs, least recently used first (LRU). */
class CapturedSessions {
  readonly #options: CaptureOptions;
  readonly #kept = new Map<string, CapturedSession>();
  /** Nothing more is captured: it cannot be done, or the network was given back. */
  #isOver = false;

  constructor(options: CaptureOptions) {
    this.#options = options;
  }

  /** False if there is no captured session for such a run, or it has failed and the run is still to be made. */
  async runInto(key: string, feeds: Tensors, fetches: Tensors): Promise<boolean> {
    const network = this.#kept.get(key);
    if (!network) return false;
    this.#kept.delete(key);
    this.#kept.set(key, network);
    try {
      await network.runInto(feeds, fetches);
      return true;
    } catch (error) {
      const { code } = asFailure(error);
      if (code === "device-lost" || code === "bad-request") throw error;
      await this.#giveUp();
      return false;
    }
  }

  async add(key: string, extents: Extents | null): Promise<void> {
    if (this.#isOver || extents === null) return;
    for (const oldest of [...this.#kept.keys()].slice(0, Math.max(0, this.#kept.size + 1 - KEPT_MAX)))
      await this.#drop(oldest);
    if (!this.#options.reserve()) return;
    const network = await this.#options.open(extents).catch((error: unknown) => {
      if (asFailure(error).code === "device-lost") throw error;
      return null;
    });
    if (network) this.#kept.set(key, network);
    else this.#options.giveBack();
    if (!network || this.#isOver) await this.#giveUp();
  }

  /** Passes an error on; if memory ran out, the captured sessions are released for it. */
  async freeMemoryAfter(error: unknown): Promise<never> {
    if (asFailure(error).code === "out-of-memory") await this.close();
    throw error;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    for (const key of [...this.#kept.keys()]) await this.#drop(key);
  }

  /** Ends it for good, silently: everything works without. */
  async #giveUp(): Promise<void> {
    await this.close();
    await this.#options.recover();
  }

  async #drop(key: string): Promise<void> {
    const network = this.#kept.get(key);
    this.#kept.delete(key);
    if (!network) return;
    await network.release();
    this.#options.giveBack();
  }
}

/** Dtypes and extents of all that is fed; null unless all of it is in GPU buffers. */
function keyOf(feeds: Feeds): string | null {
  const parts: string[] = [];
  for (const [name, input] of Object.entries(feeds)) {
    if (!("location" in input) || input.location !== "gpu-buffer") return null;
    parts.push(`${name}: ${input.type} ${input.dims.join("x")}`);
  }
  return parts.sort().join(", ");
}

/** The values of a graph's free extents in these feeds; null if one has no name. */
function extentsOf(ports: readonly Port[], feeds: Tensors): Extents | null {
  const extents: Record<string, number> = {};
  for (const { name, shape } of ports)
    for (const [axis, extent] of shape.entries()) {
      const given = feeds[name]?.dims[axis];
      if (given === undefined || (typeof extent === "number" && extent !== given)) return null;
      if (typeof extent === "string") extents[extent] = given;
    }
  return extents;
}
