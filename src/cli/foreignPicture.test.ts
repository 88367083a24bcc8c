import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readPictureRecipe } from "../image/pictureRecipe";
import { encodePng } from "../image/png";
import { draw } from "./draw";
import { readGenerateOptions } from "./options";

const SMALL = fileURLToPath(new URL("../runtime/__fixtures__/small", import.meta.url));
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("draws what another program's picture states, and says what it does not state and what is not honoured", {
  timeout: 90_000,
}, async () => {
  const [from, out] = [join(folder, "from.png"), join(folder, "out.png")];
  const parameters = "a cat\nNegative prompt: 猫\nSteps: 2, Sampler: Euler Karras, Seed: -1, Clip skip: 2";
  const pixel = { widthPx: 1, heightPx: 1, bytes: new Uint8ClampedArray(4) };
  writeFileSync(from, encodePng(pixel, { parameters }));
  const argv = ["--from", from, "--out", out, "--model", SMALL, "--graphs", SMALL, "--threads", "2"];
  const options = readGenerateOptions([...argv, "--size", "48x32"]);
  if (options === null) throw new Error("help was not asked for");
  const told: string[] = [];
  const report = await draw(options, (sentence) => told.push(sentence));
  expect(report).toMatchObject({
    steps: 2,
    sampler: "euler",
    missing: ["seed", "guidance", "size"],
    notHonoured: ["Clip skip: 2"],
  });
  expect(told).toContainEqual(expect.stringContaining("does not state: seed, guidance, size."));
  expect(told).toContainEqual(expect.stringMatching(/^Not honoured.*Clip skip: 2$/));
  const { recipe } = readPictureRecipe(readFileSync(out));
  expect(recipe).toMatchObject({ prompt: "a cat", negativePrompt: "猫", sigmaSpacing: "karras" });
});
