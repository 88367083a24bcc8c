/** Reads the meanings of a text as one scene: things with number, size and colour, and where, when and how they are shown. */

import type { Match } from "./matches";
import type { Kind, Vocabulary } from "./meanings";
import { countOfWord } from "./numerals";

/** One thing, or several of it. */
export interface Thing {
  readonly noun: string;
  readonly count: number;
  readonly colour: string | null;
  readonly size: string | null;
  /** How it stands to the thing before it: a relation of the vocabulary; null for "and". */
  readonly relation: string | null;
}

/** The parts of a scene besides its things, each a term of the vocabulary. */
export const SETTING_KINDS = ["places", "times", "weathers", "seasons", "styles"] as const;
type SettingKind = (typeof SETTING_KINDS)[number];

/** The scene that a text shows. */
export interface Scene {
  readonly things: readonly Thing[];
  readonly setting: Readonly<Partial<Record<SettingKind, string>>>;
  /** The colour of a plain background. */
  readonly background: string | null;
  /** A colour that belongs to nothing that is known: "a red Ferrari". */
  readonly looseColour: string | null;
}

/** A number that was too high: "5" drawn as "four". */
export interface CountNote {
  readonly kind: "count";
  readonly said: string;
  readonly drawn: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Spoken = Match & { readonly kind: Kind; readonly meaning: string; readonly isMany: boolean };

/** More is too much for a picture. */
const MOST_THINGS = 4;
/** Languages that say the colour after the thing. */
const COLOUR_AFTER = new Set(["fr", "es", "it", "pt"]);

/**
 * The scene that matches tell, what of them went into no scene (in any order), and numbers that were too high.
 *
 * @param language that of most of the text: in some, colours follow what they colour.
 */
export function sceneOf(
  matches: readonly Match[],
  language: string,
  vocabulary: Vocabulary,
): { readonly scene: Scene; readonly unused: readonly Match[]; readonly notes: readonly CountNote[] } {
  const reader = new SceneReader(vocabulary, language);
  for (const match of matches) reader.take(match);
  reader.finish();
  return reader;
}

/** Takes one match after another; what waits for its thing ("three", "red") is held until it comes. */
class SceneReader {
  readonly unused: Match[] = [];
  readonly notes: CountNote[] = [];
  private readonly things: Mutable<Thing>[] = [];
  private readonly setting: Mutable<Scene["setting"]> = {};
  private background: string | null = null;
  private looseColour: string | null = null;
  private held: Partial<Record<"counts" | "sizes" | "colours" | "relations", Spoken>> = {};
  /** The thing just said, which an adjective may follow. */
  private last: Mutable<Thing> | null = null;
  private isDenied = false;
  private wantsBackgroundColour = false;
  private readonly isColourAfter: boolean;
  /** A number may follow its thing: "りんごが三つ". */
  private readonly isEastAsian: boolean;
  private readonly most: number;
  private readonly tintable: ReadonlySet<string>;

  constructor(vocabulary: Vocabulary, language: string) {
    this.isColourAfter = COLOUR_AFTER.has(language);
    this.isEastAsian = language === "ja" || language === "zh";
    const counts = (vocabulary["counts"] ?? []).map(countOfWord);
    this.most = Math.max(1, ...counts);
    this.tintable = new Set(vocabulary["tintable"] ?? vocabulary["nouns"]);
  }

  get scene(): Scene {
    const { things, setting, background, looseColour } = this;
    return { things, setting, background, looseColour };
  }

  take(match: Match): void {
    if (match.reading === "stop") this.flush();
    else if (match.reading === null || match.reading.kind === "nothing") this.skip(match);
    else this.hear({ ...match, ...match.reading });
  }

  finish(): void {
    this.flush();
  }

  private skip(match: Match): void {
    this.unused.push(match);
    this.last = null;
  }

  private hear(spoken: Spoken): void {
    switch (spoken.kind) {
      case "things":
        this.thing(spoken);
        break;
      case "colours":
        this.colour(spoken);
        break;
      case "sizes":
        this.adjective("sizes", spoken);
        break;
      case "counts":
        this.number(spoken);
        break;
      case "relations":
      case "join":
      case "without":
        this.link(spoken);
        break;
      case "background":
        this.backdrop(spoken);
        break;
      case "little":
      case "nothing":
        break;
      default:
        this.part(spoken.kind, spoken);
    }
  }

  private number(spoken: Spoken): void {
    if (!this.isEastAsian) this.last = null;
    this.hold("counts", spoken);
  }

  /** The relation between two things. */
  private link(spoken: Spoken): void {
    this.flush();
    if (spoken.kind === "relations") this.held.relations = spoken;
    if (spoken.kind !== "without") return;
    this.isDenied = true;
    this.unused.push(spoken);
  }

  private thing(spoken: Spoken): void {
    const { counts, sizes, colours, relations } = this.held;
    this.held = {};
    const before = this.things.at(-1);
    const isMore = before?.noun === spoken.meaning && !colours && !sizes && !relations;
    if (this.isDenied || (!isMore && this.things.length === MOST_THINGS)) {
      this.refuse(spoken, counts, sizes, colours);
      return;
    }
    const count = this.countOf(spoken, counts);
    if (isMore) before.count = this.limited(before.count + count, spoken.key);
    else this.add(spoken, this.limited(count, counts?.key ?? spoken.key), relations);
    this.last = this.things.at(-1) ?? null;
    if (colours) this.paint(colours);
    if (sizes) this.resize(sizes);
  }

  private refuse(...spoken: readonly (Spoken | undefined)[]): void {
    this.isDenied = false;
    this.unused.push(...spoken.filter((one) => one !== undefined));
    this.last = null;
  }

  private add({ meaning }: Spoken, count: number, relations: Spoken | undefined): void {
    const relation = this.things.length === 0 ? null : (relations?.meaning ?? null);
    this.things.push({ noun: meaning, count, colour: null, size: null, relation });
  }

  /** A plural without a number is two: captions always say how many. */
  private countOf(spoken: Spoken, counts: Spoken | undefined): number {
    return counts === undefined ? (spoken.isMany ? 2 : 1) : Number(counts.meaning);
  }

  private limited(count: number, said: string): number {
    if (count > this.most) this.notes.push({ kind: "count", said, drawn: this.most });
    return Math.min(count, this.most);
  }

  private colour(spoken: Spoken): void {
    if (this.wantsBackgroundColour) {
      this.background = spoken.meaning;
      this.wantsBackgroundColour = false;
    } else this.adjective("colours", spoken);
  }

  /** Held for the thing that follows, or said of the one before where the language does so. */
  private adjective(kind: "colours" | "sizes", spoken: Spoken): void {
    const isOfLast =
      this.isColourAfter && this.last !== null && this.last[kind === "colours" ? "colour" : "size"] === null;
    if (!isOfLast) this.hold(kind, spoken);
    else if (kind === "colours") this.paint(spoken);
    else this.resize(spoken);
  }

  private hold(kind: "colours" | "sizes" | "counts", spoken: Spoken): void {
    const already = this.held[kind];
    // "a black and white cat": the first colour stands. Of two numbers the nearer one is meant.
    if (already !== undefined) this.drop(kind === "counts" ? already : spoken);
    if (already === undefined || kind === "counts") this.held[kind] = spoken;
  }

  /** An article that is not needed is no loss. */
  private drop(spoken: Spoken): void {
    if (spoken.kind !== "counts" || spoken.meaning !== "1") this.unused.push(spoken);
  }

  private paint(spoken: Spoken): void {
    if (this.last?.colour === null && this.tintable.has(this.last.noun)) this.last.colour = spoken.meaning;
    else this.unused.push(spoken);
  }

  /** Captions do not say the size of several. */
  private resize(spoken: Spoken): void {
    if (this.last?.size === null && this.last.count === 1) this.last.size = spoken.meaning;
    else this.unused.push(spoken);
  }

  private backdrop(spoken: Spoken): void {
    const { colours } = this.held;
    this.held = {};
    this.last = null;
    if (colours === undefined) this.wantsBackgroundColour = this.isColourAfter;
    if (colours === undefined && !this.isColourAfter) this.unused.push(spoken);
    else if (colours !== undefined) this.background = colours.meaning;
  }

  private part(kind: SettingKind, spoken: Spoken): void {
    delete this.held.relations;
    const isFree = this.setting[kind] === undefined || this.setting[kind] === spoken.meaning;
    if (this.isDenied || !isFree) this.unused.push(spoken);
    else this.setting[kind] = spoken.meaning;
    this.isDenied = false;
  }

  /** A phrase ends: what is still held belongs to the thing just said, or to nothing. */
  private flush(): void {
    const { counts, sizes, colours } = this.held;
    this.held = {};
    if (counts && this.last && this.isEastAsian)
      this.last.count = this.limited(Number(counts.meaning), counts.key);
    else if (counts) this.drop(counts);
    if (colours && this.last?.colour === null) this.paint(colours);
    else if (colours) {
      this.looseColour ??= colours.meaning;
      this.unused.push(colours);
    }
    if (sizes && this.last) this.resize(sizes);
    else if (sizes) this.unused.push(sizes);
    this.last = null;
    this.isDenied = false;
  }
}
