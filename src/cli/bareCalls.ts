/** The measure of everything that is not a network: each call of a drawing is made once more, straight to ONNX Runtime, in the same moment. */

import { Failure } from "../core/failure";
import { onHost } from "../core/tensor";
import type { Embeddings, EncoderText, Networks } from "../pipeline/ports";
import { TextEmbeddings } from "../runtime/embeddings";
import { type LatentScale, unscale } from "../runtime/latentScale";
import type { LoadedNetworks } from "../runtime/networks";
import type { NetworkName } from "../runtime/source";
import type { Feeds, HostInput } from "../runtime/tensors";

/** What was measured since the last {@link BareCalls.reset}, in milliseconds. */
interface Tally {
  /** Time that the measuring itself took: bare calls, and making their inputs. */
  pausedMs: number;
  /** Sum of the bare calls. */
  bareMs: number;
  /** Each call as the pipeline makes it. */
  readonly callsMs: Record<NetworkName, number[]>;
}

/** Networks that measure themselves. */
export interface BareCalls {
  readonly networks: Networks;
  readonly tally: Readonly<Tally>;
  reset(): void;
}

/** Before and after the pipeline's own call by turns, so that neither always finds warm caches, and what else the machine does weighs on both. */
export function withBareCalls(loaded: LoadedNetworks, scale: LatentScale): BareCalls {
  let tally = emptyTally();
  const judge = loaded.promptMatch;
  const turns: Record<NetworkName, number> = {
    text_encoder: 0,
    text_encoder_2: 0,
    unet: 0,
    vae_decoder: 0,
    prompt_match: 0,
  };
  const paused = async (work: () => Promise<void>) => {
    const startMs = performance.now();
    await work();
    tally.pausedMs += performance.now() - startMs;
  };
  const timeBare = async (bare: () => Promise<void>) => {
    const startMs = performance.now();
    await bare();
    tally.bareMs += performance.now() - startMs;
  };
  const measured = async <T>(name: NetworkName, feeds: () => Feeds, call: () => Promise<T>): Promise<T> => {
    let bare = async (): Promise<void> => undefined;
    const isBareFirst = turns[name]++ % 2 === 0;
    await paused(async () => {
      bare = loaded.bareCall(name, feeds());
      if (isBareFirst) await timeBare(bare);
    });
    const startMs = performance.now();
    const result = await call();
    tally.callsMs[name].push(performance.now() - startMs);
    if (!isBareFirst) await paused(() => timeBare(bare));
    return result;
  };
  return {
    networks: {
      desk: loaded.desk,
      encode: (texts) => {
        const feeds = () => idsOf(texts);
        return measured("text_encoder", feeds, () => loaded.encode(texts));
      },
      zeros: loaded.zeros,
      predict: (latents, timestep, texts, extras) => {
        const count = texts.length;
        const feeds = () => ({
          sample: joined(texts.map(() => onHost(latents))),
          timestep: { dims: [count], data: new Float32Array(count).fill(timestep) },
          encoder_hidden_states: joined(texts.map(hidden)),
          ...(extras.timestepCond && {
            timestep_cond: {
              dims: [count, extras.timestepCond.length],
              data: Float32Array.from(texts.flatMap(() => [...(extras.timestepCond ?? [])])),
            },
          }),
        });
        return measured("unet", feeds, () => loaded.predict(latents, timestep, texts, extras));
      },
      decode: (latents) => {
        const feeds = () => ({
          latent_sample: { dims: latents.dims, data: unscale(onHost(latents).data, scale) },
        });
        return measured("vae_decoder", feeds, () => loaded.decode(latents));
      },
      promptMatch: judge && {
        sidePx: judge.sidePx,
        cosine: (planes, text, end) => {
          const feeds = () => ({
            pixels: planes,
            text: hidden(text),
            end: { dims: [1], data: Int32Array.of(end) },
          });
          return measured("prompt_match", feeds, () => judge.cosine(planes, text, end));
        },
      },
    },
    get tally() {
      return tally;
    },
    reset() {
      tally = emptyTally();
    },
  };
}

/** @throws {Failure} "unsupported" for a model with two text encoders, whose calls cannot be told apart here. */
function idsOf(texts: readonly EncoderText[]): Feeds {
  const [text] = texts;
  if (!text || texts.length > 1)
    throw new Failure("unsupported", "The bench measures models with one text encoder; this one has two.");
  return { input_ids: { dims: [1, text.ids.length], data: text.ids } };
}

function emptyTally(): Tally {
  return {
    pausedMs: 0,
    bareMs: 0,
    callsMs: { text_encoder: [], text_encoder_2: [], unet: [], vae_decoder: [], prompt_match: [] },
  };
}

/** Tensors [1, …] as one batch [n, …]. */
function joined(
  rows: readonly { readonly dims: readonly number[]; readonly data: Float32Array }[],
): HostInput {
  const [first] = rows;
  if (!first) throw new Failure("internal", "A batch wants at least one row.");
  const data = new Float32Array(rows.length * first.data.length);
  for (const [row, tensor] of rows.entries()) data.set(tensor.data, row * first.data.length);
  return { dims: [rows.length, ...first.dims.slice(1)], data };
}

function hidden(text: Embeddings) {
  if (text instanceof TextEmbeddings && text.tensor.data instanceof Float32Array)
    return { dims: text.tensor.dims, data: text.tensor.data };
  throw new Failure("internal", "The bench measures networks whose texts lie on the host in f32.");
}
