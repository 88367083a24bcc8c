import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sectionsOf } from "./evaluation";
import { blocksOf, type Inline } from "./markdown";

const EVALUATION = {
  judge: { noun: 0.987, "colour of a thing": 1 },
  obedience: { seen: { "two objects": 0.5, mean: 0.8765 }, heldOut: { "two objects": 0.25, mean: 0.5 } },
  setting: { seen: 0.95, heldOut: 0.9 },
  style: { seen: 0.99 },
  samplers: [
    { sampler: "dpmpp_2m", steps: 20, fid: 12.345, clipScore: 31.06 },
    { sampler: "student", steps: 4, fid: 140.04, accuracy: 0.5 },
  ],
  cost: { parameters: { unet: 7530308 }, gigaFlops: { unet: 1.234 }, folderMiB: 17.2, machine: "two cores" },
};
const sections = Object.fromEntries(sectionsOf(EVALUATION).map((section) => [section.key, section]));

describe("sectionsOf", () => {
  it("groups of values become columns; setting and style are rows of the same table", () => {
    expect(Object.keys(sections)).toEqual(["judge", "obedience", "samplers", "cost"]);
    expect(sections["obedience"]?.tables).toEqual([
      {
        columns: ["", "seen", "held out"],
        rows: [
          ["two objects", "50%", "25%"],
          ["mean", "87.7%", "50%"],
          ["setting", "95%", "90%"],
          ["style", "99%", "–"],
        ],
      },
    ]);
  });

  it("lists become tables of all their fields, with samplers by the names that people know", () => {
    expect(sections["samplers"]?.tables).toEqual([
      {
        columns: ["sampler", "steps", "FID", "CLIP score", "accuracy"],
        rows: [
          ["DPM++ 2M", "20", "12.3", "31.1", "–"],
          ["student", "4", "140", "–", "50%"],
        ],
      },
    ]);
  });

  it("single values are facts, in the same section as the tables beside them", () => {
    expect(sections["judge"]?.facts).toEqual([
      ["noun", "98.7%"],
      ["colour of a thing", "100%"],
    ]);
    expect(sections["cost"]?.facts).toEqual([
      ["folder, MiB", "17.2"],
      ["machine", "two cores"],
    ]);
    expect(sections["cost"]?.tables[0]?.rows).toEqual([["unet", "7,530,308", "1.23"]]);
  });

  it("what is not known is told by its own name, and what is no evaluation gives nothing", () => {
    expect(sectionsOf({ warmUp_time: { firstRun: 3 } })[0]).toMatchObject({
      title: "Warm up time",
      about: "",
      facts: [["first run", "3"]],
    });
    for (const nothing of [null, [], "text", 3, {}, { judge: {}, samplers: [] }])
      expect(sectionsOf(nothing)).toEqual([]);
  });

  it("any JSON gives tables whose rows are as long as their heads", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (json) => {
        for (const { tables } of sectionsOf(json))
          for (const { columns, rows } of tables)
            expect(rows.every((row) => row.length === columns.length)).toBe(true);
      }),
    );
  });
});

describe("blocksOf", () => {
  const plain = (text: Inline) => text.map((span) => span.text).join("");

  it("reads what model cards are written in", () => {
    const text =
      "# Title\n\nTwo\nlines.\n\n    python -m it\n    --now\n\n- one\n  and on\n- two\n\n| a | |\n|---|---|\n| b | `c` |\n\n```\nx | y\n```\n1. first";
    const blocks = blocksOf(text);
    expect(blocks.map(({ kind }) => kind)).toEqual([
      "heading",
      "paragraph",
      "code",
      "list",
      "table",
      "code",
      "list",
    ]);
    expect(blocks[2]).toEqual({ kind: "code", text: "python -m it\n--now" });
    expect(blocks[3]?.kind === "list" && blocks[3].items.map(plain)).toEqual(["one and on", "two"]);
    expect(
      blocks[4]?.kind === "table" && [blocks[4].head, ...blocks[4].rows].map((row) => row.map(plain)),
    ).toEqual([
      ["a", ""],
      ["b", "c"],
    ]);
    expect(blocks[5]).toEqual({ kind: "code", text: "x | y" });
  });

  it("links lead to https and nowhere else, and pictures are left out", () => {
    const [block] = blocksOf(
      "**so** ![plot](a.png)[a](https://a.org/x) [b](javascript:alert(1)) [c](b.md) <https://d.org> <b>&amp;",
    );
    const spans = block?.kind === "paragraph" ? block.text : [];
    expect(spans.filter(({ kind }) => kind === "link").map(({ url }) => url)).toEqual([
      "https://a.org/x",
      "https://d.org",
    ]);
    expect(plain(spans)).not.toContain("plot");
    expect(plain(spans)).toContain("<b>&amp;");
  });

  it("comes to an end with any text, and loses no line of plain words", () => {
    const part = fc.constantFrom(
      "# ",
      "- ",
      "| a |",
      "```",
      "    ",
      "word",
      "\n",
      "\n\n",
      "**",
      "`",
      "[a](b)",
      "<!--",
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        expect(Array.isArray(blocksOf(parts.join("")))).toBe(true);
      }),
    );
    expect(blocksOf("a\nb\n\nc").length).toBe(2);
  });
});
