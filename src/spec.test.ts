/** Rule ids, checked: each stands in one SPEC.md and is held by the tests of one file; elsewhere tests have names without ids. */

import { describe, expect, it } from "vitest";

const specs = import.meta.glob<string>("./**/SPEC.md", { query: "?raw", import: "default", eager: true });
const tests = import.meta.glob<string>(["./**/*.test.{ts,tsx}", "../e2e/**/*.spec.ts", "!./spec.test.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Folders without a SPEC.md whose tests bear no ids any more. */
const FINISHED = ["core", "prompt", "image"];

const folderOf = (spec: string) => spec.slice(0, -"SPEC.md".length);

/** The ids that a SPEC.md defines: bold, at the head of a list item. */
const definedIn = (text: string) =>
  [...text.matchAll(/^- \*\*\[([A-Z]+\d+)\]\*\*/gm)].map(([, id]) => id ?? "");

/** The ids at the head of a test's name. */
const usedIn = (text: string) => [...text.matchAll(/["`]\[([A-Z]+\d+)\] /g)].map(([, id]) => id ?? "");

const definitions = Object.entries(specs).flatMap(([spec, text]) =>
  definedIn(text).map((id) => ({ id, spec })),
);
const uses = Object.entries(tests).flatMap(([file, text]) => usedIn(text).map((id) => ({ id, file })));

it("every SPEC.md defines rules, each id only once in all of them", () => {
  expect(Object.keys(specs).filter((spec) => definitions.every((rule) => rule.spec !== spec))).toEqual([]);
  const ids = definitions.map(({ id }) => id);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
});

describe.each(Object.keys(specs))("%s", (spec) => {
  const inFolder = uses.filter(({ file }) => file.startsWith(folderOf(spec)));
  const defined = definedIn(specs[spec] ?? "");

  it.each(defined)("%s is held by the tests of one file", (id) => {
    const files = new Set(inFolder.filter((use) => use.id === id).map(({ file }) => file));
    expect([...files]).toHaveLength(1);
  });

  it("defines every id in the names of its folder's tests", () => {
    expect(inFolder.filter(({ id }) => !defined.includes(id))).toEqual([]);
  });
});

it.each(FINISHED)("tests of %s have names without ids", (folder) => {
  expect(uses.filter(({ file }) => file.startsWith(`./${folder}/`))).toEqual([]);
});
