/** Rule ids, checked: each stands in one SPEC.md and is held by the tests of one file; elsewhere tests have names without ids. */

import { expect, it } from "vitest";

const specs = import.meta.glob<string>("./**/SPEC.md", { query: "?raw", import: "default", eager: true });
const tests = import.meta.glob<string>(["./**/*.test.{ts,tsx}", "../e2e/**/*.spec.ts", "!./spec.test.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});

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

it.each(definitions)("$id is held by the tests of one file", ({ id }) => {
  expect([...new Set(uses.filter((use) => use.id === id).map(({ file }) => file))]).toHaveLength(1);
});

it("a test's name begins with no id that no SPEC.md defines", () => {
  const ids = new Set(definitions.map(({ id }) => id));
  expect(uses.filter(({ id }) => !ids.has(id))).toEqual([]);
});
