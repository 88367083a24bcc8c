/** Text embeddings that stay where the text encoders left them, and pairs of them joined for guidance. */

import { Failure } from "../../core/failure";
import type { Embeddings } from "../../pipeline/ports";
import type { Backend } from "../device/device";
import type { Ort } from "../ort/engine";
import { type TensorJoiner, tensorJoiner } from "../ort/joining";
import { enqueue } from "../ort/queue";
import type { OrtTensor } from "../ort/tensors";

/** The text encoders' outputs for one text, or for several of one length. */
export interface TextTensors {
  /** [texts, tokens, width] */
  readonly hidden: OrtTensor;
  /** The vector of each whole text, [texts, width]; null if the model has none. */
  readonly pooled: OrtTensor | null;
}

/** One text, on the host or in GPU buffers. */
export class TextEmbeddings implements Embeddings {
  readonly tokens: number;
  readonly #tensors: TextTensors;
  readonly #onDispose: (self: TextEmbeddings) => void;
  #disposed = false;

  constructor(tensors: TextTensors, onDispose: (self: TextEmbeddings) => void) {
    this.tokens = tensors.hidden.dims[1] ?? 0;
    this.#tensors = tensors;
    this.#onDispose = onDispose;
  }

  get tensors(): TextTensors {
    if (this.#disposed) throw new Failure("internal", "Text embeddings were used after they were disposed.");
    return this.#tensors;
  }

  /** [1, tokens, width] */
  get tensor(): OrtTensor {
    return this.tensors.hidden;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#onDispose(this);
  }
}

/** Tensors, and how many texts use them. */
interface Holding {
  readonly tensors: TextTensors;
  users: number;
}

/** Texts in the LRU cache: two of a picture, and those of a few before it. */
const REMEMBERED = 8;

/** All texts of one model that are alive, and the last batch made of some of them: a sampler asks for the same at each step. */
export class EmbeddingCache {
  readonly join: TensorJoiner;
  readonly #alive = new Set<TextEmbeddings>();
  readonly #remembered = new Map<string, Holding>();
  #batch: { readonly texts: readonly TextEmbeddings[]; readonly tensors: TextTensors } | null = null;

  constructor(ort: Ort, backend: Backend) {
    this.join = tensorJoiner(ort, backend);
  }

  /** Takes over the encoders' outputs for one text. @param key if given, the text is cached by it (LRU). */
  add(tensors: TextTensors, key: string | null = null): TextEmbeddings {
    const holding = { tensors, users: 0 };
    if (key !== null) this.#remember(key, holding);
    return this.#handOut(holding);
  }

  /** A cached text, once more; null if it is not cached. */
  recall(key: string): TextEmbeddings | null {
    const holding = this.#remembered.get(key);
    if (!holding) return null;
    // Most recently used now (LRU): the empty negative prompt belongs to almost every picture.
    this.#remembered.delete(key);
    this.#remembered.set(key, holding);
    return this.#handOut(holding);
  }

  /** The text that an opaque handle stands for. */
  find(handle: Embeddings): TextEmbeddings {
    if (handle instanceof TextEmbeddings && this.#alive.has(handle)) return handle;
    throw new Failure("internal", "Text embeddings of another model, or disposed ones, were used.");
  }

  /** Texts of equal length as one batch; the cache owns it, until other texts are asked for or one is disposed. */
  batchOf(texts: readonly TextEmbeddings[]): TextTensors {
    const [only] = texts;
    if (only && texts.length === 1) return only.tensors;
    const known = this.#batch;
    if (known?.texts.length === texts.length && known.texts.every((text, i) => text === texts[i]))
      return known.tensors;
    this.#dropBatch();
    const hidden = this.join.batch(texts.map(({ tensors }) => tensors.hidden));
    const pooled = texts.flatMap(({ tensors }) => tensors.pooled ?? []);
    const tensors = { hidden, pooled: pooled.length > 0 ? this.join.batch(pooled) : null };
    this.#batch = { texts, tensors };
    return tensors;
  }

  disposeAll(): void {
    for (const text of [...this.#alive]) text.dispose();
    for (const [key, holding] of this.#remembered) this.#forget(key, holding);
  }

  #handOut(holding: Holding): TextEmbeddings {
    holding.users++;
    const text = new TextEmbeddings(holding.tensors, (gone) => {
      this.#alive.delete(gone);
      if (this.#batch?.texts.includes(gone)) this.#dropBatch();
      leave(holding);
    });
    this.#alive.add(text);
    return text;
  }

  #remember(key: string, holding: Holding): void {
    holding.users++;
    this.#remembered.set(key, holding);
    const [oldest] = this.#remembered;
    if (oldest && this.#remembered.size > REMEMBERED) this.#forget(...oldest);
  }

  #forget(key: string, holding: Holding): void {
    this.#remembered.delete(key);
    leave(holding);
  }

  #dropBatch(): void {
    if (this.#batch) disposeLater(this.#batch.tensors);
    this.#batch = null;
  }
}

function leave(holding: Holding): void {
  if (--holding.users === 0) disposeLater(holding.tensors);
}

/** A run in progress may still read the tensors, so their end waits its turn. On a lost device there is nothing left to free. */
function disposeLater({ hidden, pooled }: TextTensors): void {
  void enqueue(() => {
    hidden.dispose();
    pooled?.dispose();
  }).catch(() => undefined);
}
