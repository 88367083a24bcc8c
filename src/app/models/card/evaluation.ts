/** The contents of `evaluation.json` as tables: whatever of it is there, and names for what is known. */

import { isSamplerId, SAMPLER_NAMES } from "../../../core/recipe";

export interface Table {
  /** The first heads the column that names the rows. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One subject of the evaluation. */
export interface Section {
  /** As in the file. */
  readonly key: string;
  readonly title: string;
  /** Its meaning in a sentence; "" for subjects that this page has never heard of. */
  readonly about: string;
  /** Single values by name. */
  readonly facts: readonly (readonly [string, string])[];
  readonly tables: readonly Table[];
}

type Fields = Readonly<Record<string, unknown>>;

const TITLES = new Map<string, readonly [title: string, about: string]>(
  Object.entries({
    judge: [
      "The judge",
      "A classifier of its own looks at the pictures below. So often it is right about renders that it has never seen.",
    ],
    obedience: [
      "Obedience",
      "How often a picture shows what its prompt says, by the judge: the six tasks of GenEval (Ghosh et al. 2023, arXiv:2310.11513), asked within this model’s own vocabulary. Held out are combinations that it was never trained on.",
    ],
    samplers: [
      "Samplers",
      "FID is how far the pictures as a whole are from renders, in the judge’s eyes: lower is better. CLIP score is how well each goes with its prompt: higher is better.",
    ],
    guidance: [
      "Guidance",
      "More guidance follows the words more closely (accuracy, precision) and varies less (recall).",
    ],
    autoencoder: ["Autoencoder", "What is left of a picture that goes to latents and back."],
    cost: ["Cost", ""],
  }),
);

const LABELS = new Map(
  Object.entries({
    heldOut: "held out",
    fid: "FID",
    clipScore: "CLIP score",
    guidanceScale: "guidance",
    psnr: "PSNR, dB",
    featureDistance: "distance in features",
    previewR2: "R² of the preview",
    gigaFlops: "GFLOPs",
    folderMiB: "folder, MiB",
    secondsPerPicture: "seconds per picture",
  }),
);

/** Sections and columns whose numbers, between 0 and 1, are parts of a whole. */
const SHARES: readonly string[] = [
  "judge",
  "obedience",
  "setting",
  "style",
  "accuracy",
  "precision",
  "recall",
];
/** Asked of the same pictures as the tasks, by the same judge, so told in one table with them. */
const BESIDES: readonly string[] = ["setting", "style"];

/** The sections of an evaluation, in its own order; none if it is not one. */
export function sectionsOf(evaluation: unknown): readonly Section[] {
  if (!isFields(evaluation)) return [];
  return Object.entries(together(evaluation)).flatMap(([key, value]) => {
    const [title, about] = TITLES.get(key) ?? [capitalised(labelOf(key)), ""];
    const section = { key, title, about, facts: factsOf(value, key), tables: tablesOf(value, key) };
    return section.facts.length + section.tables.length > 0 ? [section] : [];
  });
}

/** Setting and style as two more tasks, where there are tasks with the same columns. */
function together(evaluation: Fields): Fields {
  const tasks = evaluation["obedience"];
  if (!isFields(tasks)) return evaluation;
  const joined = BESIDES.filter((key) => isFields(evaluation[key]));
  const withBesides = Object.entries(tasks).map(([column, values]) => {
    const more = joined.map((key) => [key, fieldsOf(evaluation[key])[column]]);
    return [column, isFields(values) ? { ...values, ...Object.fromEntries(more) } : values];
  });
  const rest = Object.entries(evaluation).filter(([key]) => !joined.includes(key));
  return { ...Object.fromEntries(rest), obedience: Object.fromEntries(withBesides) };
}

function factsOf(value: unknown, key: string): Section["facts"] {
  if (isScalar(value)) return [[labelOf(key), textOf(value, key, key)]];
  return Object.entries(fieldsOf(value))
    .filter(([, field]) => isScalar(field))
    .map(([name, field]) => [labelOf(name), textOf(field, name, key)]);
}

function tablesOf(value: unknown, key: string): readonly Table[] {
  if (Array.isArray(value)) return tableOfList(value.filter(isFields), key);
  const fields = Object.entries(fieldsOf(value));
  const lists = fields.flatMap(([name, field]) =>
    Array.isArray(field) ? tableOfList(field.filter(isFields), name) : [],
  );
  const columns = fields.flatMap(([name, field]) => (isFields(field) ? [[name, field] as const] : []));
  return [...(columns.length > 0 ? [tableOfColumns(columns, key)] : []), ...lists];
}

/** One row for each entry of a list. */
function tableOfList(list: readonly Fields[], section: string): readonly Table[] {
  const names = [...new Set(list.flatMap(Object.keys))];
  if (names.length === 0) return [];
  const rows = list.map((entry) => names.map((name) => textOf(entry[name], name, section)));
  return [{ columns: names.map(labelOf), rows }];
}

/** One column for each group of values of the same names. */
function tableOfColumns(columns: readonly (readonly [string, Fields])[], section: string): Table {
  const names = [...new Set(columns.flatMap(([, fields]) => Object.keys(fields)))];
  const cell = ([column, fields]: readonly [string, Fields], name: string) =>
    textOf(fields[name], column, section);
  return {
    columns: ["", ...columns.map(([name]) => labelOf(name))],
    rows: names.map((name) => [labelOf(name), ...columns.map((column) => cell(column, name))]),
  };
}

const WHOLE = new Intl.NumberFormat("en");
const PRECISE = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const LARGE = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const SHARE = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

function textOf(value: unknown, name: string, section: string): string {
  if (typeof value === "string") return isSamplerId(value) ? SAMPLER_NAMES[value] : value;
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const isShare = [name, section].some((key) => SHARES.includes(key)) && value >= 0 && value <= 1;
  if (isShare) return SHARE.format(value);
  if (Number.isInteger(value)) return WHOLE.format(value);
  return (Math.abs(value) < 100 ? PRECISE : LARGE).format(value);
}

/** "secondsPerPicture" and "seconds_per_picture" as people write them. */
function labelOf(key: string): string {
  const words = key
    .replaceAll("_", " ")
    .replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return LABELS.get(key) ?? words;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}
