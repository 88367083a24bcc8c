import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSettings, settingsLine } from "./settingsLine";

describe("readSettings", () => {
  it("takes the first of two, and passes over what is not a setting", () => {
    const line =
      'noise, A b: 1, A b: 2, : x, (odd): 3, __proto__: p, q: "a, \\"b\\": c", broken: "x, last: 9';
    expect([...readSettings(line)]).toEqual([
      ["A b", "1"],
      ["__proto__", "p"],
      ["q", 'a, "b": c'],
      ["broken", '"x'],
      ["last", "9"],
    ]);
  });

  it("reads values in quotation marks over several lines, and in brackets as they are", () => {
    const lines = 'a: "x,\ny: 1", b: {"c": "d", "e": [1, 2]}, f: g\nh, i: {x, j: 2';
    expect([...readSettings(lines)]).toEqual([
      ["a", "x,\ny: 1"],
      ["b", '{"c": "d", "e": [1, 2]}'],
      ["f", "g"],
      ["i", "{x"],
      ["j", "2"],
    ]);
  });

  it("never throws, and reads any values that were written", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.array(fc.string({ unit: "binary" }), { maxLength: 4 }),
        (line, values) => {
          readSettings(line);
          const settings = values.map((value, i): [string, string] => [`Key ${i}`, value]);
          expect([...readSettings(settingsLine(settings))]).toEqual(settings);
        },
      ),
    );
  });

  it.each(["a", "a:", "a:\n", 'a:"', 'a: "\\', 'a:"b,', "a:{,", "a,", ",:", 'a:"\\q",', "a:a,"])(
    "takes linear time on repeated %s",
    (unit) => {
      const line = unit.repeat(100_000 / unit.length);
      const start = performance.now();
      readSettings(line);
      expect(performance.now() - start).toBeLessThan(20_000);
    },
  );
});
