/** A person's choices, kept between visits. They are checked when read, since anyone can edit them. */

import * as v from "valibot";
import { WHOLE_RUN } from "../core/guidedSteps";
import { isSamplerId, type SamplerId, WEIGHTS } from "../core/recipe";
import { seedOf } from "../core/seed";

/** The part of `localStorage` that settings need. */
export interface TextStore {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
}

const KEY = "afterimage.settings";
const QUARANTINE_KEY = "afterimage.settings.unreadable";
const VERSION = 1;
const TEXT_CHARS = 20_000;
const ID_CHARS = 4_000;
const URL_CHARS = 300;

const text = v.pipe(v.string(), v.maxLength(TEXT_CHARS));
const seedDigits = v.pipe(
  v.string(),
  v.check((digits) => seedOf(digits) !== null),
);
const sampler = v.custom<SamplerId>((id) => typeof id === "string" && isSamplerId(id));

/** null means: as the model's makers chose. */
const FIELDS = {
  prompt: text,
  negativePrompt: text,
  steps: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
  guidanceScale: v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(30))),
  /** Parts of the steps, as in a recipe. */
  guidanceStart: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  guidanceStop: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  sampler: v.nullable(sampler),
  /** With the few-step weights, steps, guidance and sampler are those that these weights were made for. */
  weights: v.picklist(WEIGHTS),
  /** How many pictures of consecutive seeds are drawn at once. */
  bestOf: v.picklist([1, 2, 4, 8]),
  shape: v.picklist(["native", "small", "square", "landscape", "portrait"]),
  /** Decimal digits, 0 ... 2^64 - 1; null draws a new one for each picture. */
  seed: v.nullable(seedDigits),
  backend: v.picklist(["auto", "webgpu", "wasm"]),
  theme: v.picklist(["system", "light", "dark"]),
  /** A model with a closed vocabulary is sent words too that it does not know. */
  isEveryWordSent: v.boolean(),
  isMoreOpen: v.boolean(),
  isPreviewShown: v.boolean(),
  /** Draws while words and knobs are changed, where the model is fast enough. */
  isLive: v.boolean(),
  /** The kept model that was used last; null for the bundled model. */
  keptModelId: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(ID_CHARS))),
  /** True while that model is being opened, and so still true after a visit that ended in the middle of it. */
  isModelOpening: v.boolean(),
  /** The hub that repositories are looked up at: http or https, without a slash at its end. */
  hubUrl: v.pipe(
    v.string(),
    v.maxLength(URL_CHARS),
    v.regex(/^https?:\/\/[^\s?#]*[^\s?#/]$/i),
    v.check((url) => URL.canParse(url)),
  ),
};
const SETTINGS = v.object(FIELDS);
const ENVELOPE = v.object({ version: v.literal(VERSION), settings: v.record(v.string(), v.unknown()) });

/** Everything a person can set. */
export type Settings = Readonly<v.InferOutput<typeof SETTINGS>>;

/** How many settings had to be replaced, and so whether to say so. */
export interface LoadedSettings {
  readonly settings: Settings;
  readonly problem: "unreadable" | "blocked" | null;
}

export const DEFAULT_SETTINGS: Settings = {
  prompt: "",
  negativePrompt: "",
  steps: null,
  guidanceScale: null,
  ...WHOLE_RUN,
  sampler: null,
  weights: "full",
  bestOf: 1,
  shape: "native",
  seed: null,
  backend: "auto",
  theme: "system",
  isEveryWordSent: false,
  isMoreOpen: false,
  isPreviewShown: true,
  isLive: false,
  keptModelId: null,
  isModelOpening: false,
  hubUrl: "https://huggingface.co",
};

/** Reads settings, field by field; what does not validate becomes its default, and the original is set aside. Never throws. */
export function loadSettings(open: () => TextStore): LoadedSettings {
  try {
    const store = open();
    const stored = store.getItem(KEY);
    if (stored === null) return { settings: DEFAULT_SETTINGS, problem: null };
    const loaded = parseSettings(stored);
    if (loaded.problem !== null) store.setItem(QUARANTINE_KEY, stored);
    return loaded;
  } catch {
    return { settings: DEFAULT_SETTINGS, problem: "blocked" };
  }
}

/** Writes settings; false if the browser refuses (private windows, a full disk). */
export function saveSettings(open: () => TextStore, settings: Settings): boolean {
  try {
    open().setItem(KEY, JSON.stringify({ version: VERSION, settings }));
    return true;
  } catch {
    return false;
  }
}

/** Settings from the text they were saved as; a field that is missing takes its default silently, a bad one with a problem. */
export function parseSettings(stored: string): LoadedSettings {
  const envelope = v.safeParse(ENVELOPE, parseJson(stored));
  if (!envelope.success) return { settings: DEFAULT_SETTINGS, problem: "unreadable" };
  const found = envelope.output.settings;
  const known = Object.entries(FIELDS).filter(([name]) => Object.hasOwn(found, name));
  const good = known
    .filter(([name, schema]) => v.is(schema, found[name]))
    .map(([name]) => [name, found[name]]);
  const settings = v.parse(SETTINGS, { ...DEFAULT_SETTINGS, ...Object.fromEntries(good) });
  return { settings, problem: good.length < known.length ? "unreadable" : null };
}

function parseJson(stored: string): unknown {
  try {
    return JSON.parse(stored);
  } catch {
    return null;
  }
}
