/** Licences in words: what their short names mean for those who draw with a model. */

/** Licences of well-known models by the names that hubs give them; the sentence says what matters most. */
const KNOWN: Readonly<Record<string, string>> = {
  mit: "MIT",
  "apache-2.0": "Apache 2.0",
  "creativeml-openrail-m": "CreativeML OpenRAIL-M",
  "openrail++": "CreativeML OpenRAIL++-M",
  openrail: "OpenRAIL",
  "cc-by-4.0": "CC BY 4.0",
  "cc-by-sa-4.0": "CC BY-SA 4.0",
  "cc-by-nc-4.0": "CC BY-NC 4.0",
  "cc-by-nc-sa-4.0": "CC BY-NC-SA 4.0",
  "cc0-1.0": "CC0",
};

/** A licence as people write it, with a word of warning where it forbids selling. */
export function licenceText(licence: string | null): string {
  if (licence === null || licence === "" || licence === "other" || licence === "unknown")
    return "Licence not stated here";
  const name = KNOWN[licence.toLowerCase()] ?? licence;
  return isNonCommercial(licence) ? `${name}: non-commercial use only` : name;
}

/** True for a licence whose name says that it forbids commercial use. */
export function isNonCommercial(licence: string): boolean {
  return /\bnc\b|non-?commercial|research/i.test(licence);
}
