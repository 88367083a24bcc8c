import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPictureRecipe } from "../image/pictureRecipe";
import { draw } from "./draw";
import { readGenerateOptions } from "./options";

const SMALL = fileURLToPath(new URL("../runtime/__fixtures__/small", import.meta.url));
const SIDECAR = {
  name: "Small: a model",
  summary: "Random weights.",
  licence: "MIT",
  defaults: { sampler: "euler", steps: 2, guidanceScale: 3, width: 48, height: 32 },
  preview: { matrix: [0, 1, 2, 3].map(() => [1, 0, 0]), bias: [0, 0, 0] },
  examples: [],
};

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-"));
  for (const name of readdirSync(SMALL)) symlinkSync(join(SMALL, name), join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);

async function drawn(out: string, ...argv: string[]) {
  const location = ["--model", folder, "--graphs", folder, "--threads", "2"];
  const options = readGenerateOptions([...argv, "--out", path(out), ...location]);
  if (options === null) throw new Error("help was not asked for");
  return draw(options, () => undefined);
}

describe("generate, with a closed vocabulary", { timeout: 90_000 }, () => {
  it("sends a model with a vocabulary of kinds only what it knows, says so, and keeps both prompts", async () => {
    const taught = { nouns: ["cat"], plurals: ["cats"], synonyms: [], places: ["on grass"], counts: ["two"] };
    const vocabulary = { ...taught, words: ["a", "two", "cat", "cats", "on", "grass"] };
    writeFileSync(path("afterimage.json"), JSON.stringify({ ...SIDECAR, vocabulary }));
    const meanings = { languages: { de: { things: { cat: "katze;katzen" } } }, nothing: "chat" };
    writeFileSync(path("meanings.json"), JSON.stringify(meanings));
    const plain = await drawn("plain.png", "a cat", "--seed", "1");
    const meant = await drawn("meant.png", "Katze, 8k", "--seed", "1");
    expect(meant).toMatchObject({ draws: "a cat", unknownWords: ["Katze", "8k"] });
    expect(meant.promptMatch).toBe(plain.promptMatch);
    expect(readPictureRecipe(readFileSync(path("meant.png"))).recipe).toMatchObject({
      prompt: "a cat",
      typed: "Katze, 8k",
    });
    expect((await drawn("again.png", "--from", path("meant.png"))).sha256).toBe(meant.sha256);
    const whole = await drawn("whole.png", "Katze, 8k", "--seed", "1", "--every-word");
    expect(whole).toMatchObject({ draws: "Katze, 8k", promptMatch: null });
    expect(whole.sha256).not.toBe(meant.sha256);
    expect((await drawn("again.png", "--from", path("whole.png"))).sha256).toBe(whole.sha256);
    const other = await drawn("other.png", "two cats", "--from", path("meant.png"));
    expect(readPictureRecipe(readFileSync(path("other.png"))).recipe).not.toHaveProperty("typed");
    expect(other.draws).toBe("two cats");
    await expect(drawn("lump.png", "a zebra")).rejects.toMatchObject({
      code: "nothing-known",
      message: expect.stringContaining("--every-word"),
    });
  });
});
