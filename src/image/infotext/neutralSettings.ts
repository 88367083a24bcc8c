/** Settings of other programs that leave a picture as it is. Any other that no recipe has is taken to change it. */

/** Names, dates, hashes that stand beside their names, templates whose result is the prompt; without case, spaces and punctuation. */
const NEUTRAL: ReadonlySet<string> = new Set([
  "model",
  "modelhash",
  "version",
  "user",
  "app",
  "parser",
  "date",
  "createddate",
  "createdby",
  "sourceidentifier",
  "generationtime",
  "batchsize",
  "batchpos",
  "images",
  "template",
  "negativetemplate",
  "wildcardprompt",
  "wildcardnegativeprompt",
  "wildcardseed",
  "usedwildcards",
  "originalprompt",
  "originalnegativeprompt",
  "aspectratio",
  "imageformat",
  "nopreviews",
  "donotsave",
  "automaticvae",
  "personalnote",
  "presets",
  "metadataversion",
  "metadatascheme",
]);

/** Values that say what happens anyway: the last layer of the text encoder, AUTOMATIC1111's noise of NVIDIA's generator. */
const ANYWAY: ReadonlyMap<string, readonly string[]> = new Map([
  ["clipskip", ["1"]],
  ["clipstopatlayer", ["-1"]],
  ["rng", ["gpu", "nv"]],
  ["ensd", ["0"]],
  ["variationseedstrength", ["0", "0.0"]],
]);

/** Off, in any setting. */
const OFF: readonly string[] = ["", "false", "none", "null", "[]", "{}"];

/** True for a setting with which, or without which, a picture is the same. */
export function changesNothing(key: string, value: string, settings: ReadonlyMap<string, string>): boolean {
  const name = key.toLowerCase().replace(/[\s_-]/g, "");
  const lower = value.toLowerCase();
  if (NEUTRAL.has(name) || OFF.includes(lower)) return true;
  // A hash stands beside the name of what it is of, and that is told.
  if (key.endsWith(" hash") && settings.has(key.slice(0, -" hash".length))) return true;
  if (name === "hashes") return !/lora|embed|hypernet|vae|locon/i.test(value);
  return ANYWAY.get(name)?.includes(lower) ?? false;
}
