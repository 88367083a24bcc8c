/** The last benchmark that is kept can be read, and names its machine. */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readBenchReport } from "./report";

it("models/bench/last.json has a report of each place, of one machine and one day", () => {
  const { machine, date, runs } = JSON.parse(
    readFileSync(new URL("../../models/bench/last.json", import.meta.url), "utf8"),
  );
  expect(machine.cpu).not.toBe("");
  expect(machine.cores).toBeGreaterThan(0);
  expect(Object.keys(runs)).toEqual(
    expect.arrayContaining(["node", "chromium wasm", expect.stringMatching(/^chromium webgpu/)]),
  );
  for (const run of Object.values(runs)) {
    const report = readBenchReport(run);
    expect(Date.parse(report.date) - Date.parse(date)).toBeLessThan(24 * 3600 * 1000);
  }
});
