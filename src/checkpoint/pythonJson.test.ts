import fc from "fast-check";
import { expect, it } from "vitest";
import { parsePythonJson } from "./pythonJson";

it("[CK37] numbers that only Python writes are not given", () => {
  expect(parsePythonJson('{"a": -Infinity, "b": [Infinity, NaN, 1]}')).toEqual({
    a: null,
    b: [null, null, 1],
  });
});

it("[CK37] what JSON allows is read as JSON", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.constant({ NaN: '-Infinity, "NaN"' })), (value) => {
      expect(parsePythonJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it.each(['{"a": Infinite}', '{"a": +Infinity}', "{NaN: 1}", ""])("[CK37] %s is refused", (text) => {
  expect(() => parsePythonJson(text)).toThrow(SyntaxError);
});
