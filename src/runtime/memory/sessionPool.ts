/**
 * The open sessions of one model within a memory budget. All networks are open if their weights fit together. Else each is opened
 * when it is needed, and stays until it is evicted for another.
 */

import { Failure } from "../../core/failure";
import type { Session } from "../ort/session";

/** A network that can be opened. */
export interface Openable {
  /** Bytes of its weights once it is open. */
  readonly bytes: number;
  open(): Promise<Session>;
}

interface Slot extends Openable {
  opening: Promise<Session> | null;
  session: Session | null;
  /** Calls in progress: it must not be closed under them. */
  users: number;
}

/** The networks of one model. */
export class SessionPool {
  readonly #slots = new Map<string, Slot>();
  readonly #budgetBytes: number;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #reservedBytes = 0;

  /** @param budgetBytes what the weights may take together; one network that takes more is opened alone. */
  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Networks are evicted in the order in which they are added. */
  add(name: string, openable: Openable): void {
    this.#slots.set(name, { ...openable, opening: null, session: null, users: 0 });
  }

  has(name: string): boolean {
    return this.#slots.has(name);
  }

  /** True if the networks cannot all be open at once. */
  get isCrowded(): boolean {
    return this.#bytes([...this.#slots.values()]) > this.#budgetBytes;
  }

  /** Sets bytes aside for a copy of a network; false if they and all networks do not fit together. */
  reserve(bytes: number): boolean {
    if (this.#bytes([...this.#slots.values()]) + this.#reservedBytes + bytes > this.#budgetBytes)
      return false;
    this.#reservedBytes += bytes;
    return true;
  }

  /** Ends what {@link reserve} has begun. */
  giveBack(bytes: number): void {
    this.#reservedBytes -= bytes;
  }

  /** Opens networks in their order, as far as they fit together. @param onOpen told of each. */
  async openFirst(onOpen: () => void): Promise<void> {
    let bytes = 0;
    for (const [name, slot] of this.#slots) {
      bytes += slot.bytes;
      if (bytes > this.#budgetBytes) return;
      await this.use(name, async () => onOpen());
    }
  }

  /** Opens a network, if it is not open, and keeps it open while it is worked with. */
  async use<T>(name: string, work: (session: Session) => Promise<T>): Promise<T> {
    const slot = this.#slots.get(name);
    if (!slot || this.#isClosed)
      throw new Failure("internal", slot ? "The model was given back." : `The model has no ${name}.`);
    slot.users++;
    try {
      slot.opening ??= this.#open(slot);
      const session = await slot.opening;
      return await work(session);
    } finally {
      slot.users--;
    }
  }

  /** Gives all memory back; waits for what is on its way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const outcomes = await Promise.allSettled([...this.#slots.values()].map(({ opening }) => opening));
    for (const outcome of outcomes) if (outcome.status === "fulfilled") await outcome.value?.release();
    this.#slots.clear();
  }

  /** One after the other: memory peaks while a network opens, and ONNX Runtime mounts weights for one at a time. */
  #open(slot: Slot): Promise<Session> {
    const opening = this.#turn.then(async () => {
      if (this.#isClosed) throw new Failure("internal", "The model was given back.");
      for (const other of this.#evictedFor(slot)) await this.#release(other);
      slot.session = await slot.open();
      return slot.session;
    });
    this.#turn = opening.catch(() => {
      slot.opening = null; // it may be asked for again
    });
    return opening;
  }

  /** Eviction: the fewest open, idle networks without which `slot` fits, the first ones first. */
  #evictedFor(slot: Slot): readonly Slot[] {
    const open = [...this.#slots.values()].filter(({ session }) => session !== null);
    let missing = this.#bytes(open) + slot.bytes + this.#reservedBytes - this.#budgetBytes;
    const chosen: Slot[] = [];
    for (const other of open) {
      if (missing <= 0) break;
      if (other.users > 0) continue;
      chosen.push(other);
      missing -= other.bytes;
    }
    // A large one at the end may have made the small ones before it unnecessary.
    for (const other of [...chosen]) {
      if (missing + other.bytes > 0) continue;
      chosen.splice(chosen.indexOf(other), 1);
      missing += other.bytes;
    }
    return chosen;
  }

  async #release(slot: Slot): Promise<void> {
    const { session } = slot;
    slot.session = null;
    slot.opening = null;
    await session?.release();
  }

  #bytes(slots: readonly Slot[]): number {
    return slots.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
