/** The catalogue says what is true of each model, and nothing unchecked gets in. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseCatalogue, withKnownHashes } from "./catalogue";

const text = readFileSync("models/catalogue.json", "utf8");
const entries = parseCatalogue(text);

describe("the catalogue", () => {
  it("names each model, repository and revision once", () => {
    const unique = (values: readonly string[]) => new Set(values).size;
    expect(unique(entries.map(({ id }) => id))).toBe(entries.length);
    expect(unique(entries.map(({ name }) => name))).toBe(entries.length);
    expect(unique(entries.map(({ repository, revision }) => `${repository}@${revision}`))).toBe(
      entries.length,
    );
  });

  it.each(entries)("$name runs on graphs that are here, or says that they are not", (entry) => {
    const isHere = existsSync(`models/graphs/${entry.family}/family.json`);
    expect(entry.missing === null, `${entry.family} among ${readdirSync("models/graphs")}`).toBe(isHere);
  });

  it.each(entries)("the numbers of $name agree with each other", ({ needs, sizeBytes, defaults }) => {
    expect(needs.largestNetworkBytes).toBeLessThan(needs.weightsBytes);
    // 16-bit weights and configs, or 32-bit ones.
    const timesWeights = sizeBytes / needs.weightsBytes;
    expect(timesWeights).toBeGreaterThan(1);
    expect(timesWeights).toBeLessThan(2.01);
    expect((defaults?.widthPx ?? 0) % 64).toBe(0);
    expect((defaults?.heightPx ?? 0) % 64).toBe(0);
  });

  it("only tiny decoders come without defaults, and their repositories' names tell what they are for", () => {
    const decoders = entries.filter(({ defaults }) => defaults === null);
    expect(decoders.map(({ repository }) => repository)).toEqual([
      "madebyollin/taesd",
      "madebyollin/taesdxl",
    ]);
    for (const { needs, family } of decoders) expect([needs.decoder, family]).toEqual(["tiny", "taesd"]);
  });

  it.each(entries)("$name says plainly what its licence forbids", ({ licence }) => {
    if (licence.isNonCommercial) expect(licence.limits).toMatch(/[Nn]ot for commercial use/);
    if (/RAIL|Stability/.test(licence.name)) expect(licence.limits).not.toBeNull();
  });

  const [first] = JSON.parse(text);
  it.each([
    [[{ ...first, id: "Has Spaces" }], "0.id"],
    [[{ ...first, repository: "https://elsewhere.example/x" }], "0.repository"],
    [[{ ...first, revision: "../../other" }], "0.revision"],
    [[{ ...first, sizeBytes: -1 }], "0.sizeBytes"],
    [[{ ...first, defaults: { ...first.defaults, sampler: "toString" } }], "0.defaults.sampler"],
    [[{ ...first, sha256: { "unet/x.safetensors": "feed" } }], "0.sha256.unet/x.safetensors"],
    [[{ ...first, licence: { ...first.licence, url: "javascript:alert(1)" } }], "0.licence.url"],
    [[{ ...first, surprise: 1 }], "0.surprise"],
    [{ models: [] }, "the whole file"],
  ])("refuses what is no catalogue, by the field that is wrong (%#: %s)", (value, field) => {
    expect(() => parseCatalogue(JSON.stringify(value))).toThrow(`catalogue.json: ${field}: `);
    expect(() => parseCatalogue("{")).toThrow("catalogue.json");
  });

  const [known] = entries.filter(({ sha256 }) => Object.keys(sha256).length > 0);
  const [path = "", sha256 = ""] = Object.entries(known?.sha256 ?? {})[0] ?? [];
  const plan = (changes: Partial<{ repository: string; sha256: string | null }>) => ({
    origin: {
      kind: "hub",
      baseUrl: "https://mirror.example",
      repository: changes.repository ?? known?.repository ?? "",
      revision: known?.revision ?? "",
    } as const,
    files: [{ path, url: "https://mirror.example/x", sizeBytes: 1, sha256: changes.sha256 ?? null }],
  });

  it("a mirror that says nothing of hashes is held to those of the catalogue", () => {
    expect(withKnownHashes(plan({}), entries).files[0]?.sha256).toBe(sha256);
    expect(withKnownHashes(plan({ sha256 }), entries).files[0]?.sha256).toBe(sha256);
    expect(withKnownHashes(plan({ repository: "other/model" }), entries).files[0]?.sha256).toBeNull();
  });

  it("a mirror that has another file is refused before a byte is fetched", () => {
    const lying = plan({ sha256: "0".repeat(64) });
    expect(() => withKnownHashes(lying, entries)).toThrow(`${path}: https://mirror.example has another file`);
  });
});
