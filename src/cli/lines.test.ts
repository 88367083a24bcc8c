/** Many pictures by one command, and the latents beside a picture. */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const SMALL = fileURLToPath(new URL("../runtime/__fixtures__/small", import.meta.url));
const location = ["--model", SMALL, "--graphs", SMALL, "--steps", "2", "--threads", "2"];

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);
const sha256 = (name: string) =>
  createHash("sha256")
    .update(readFileSync(path(name)))
    .digest("hex");

describe("generate --lines", { timeout: 90_000 }, () => {
  it("--lines answers each line, those that fail too, and goes on", async () => {
    const script = fileURLToPath(new URL("./generate.ts", import.meta.url));
    const child = execFile(process.execPath, ["--import", "tsx", script, "--lines"]);
    let stdout = "";
    child.stdout?.on("data", (text) => {
      stdout += text;
    });
    const wrong = ["a cat", "--steps", "many", "--out", path("line.png")];
    const right = ["a cat", "--seed", "1", "--out", path("line.png"), ...location];
    right.push("--size", "48x32", "--latents", path("latents.npy"));
    child.stdin?.end(`${JSON.stringify(wrong)}\nnothing\n${JSON.stringify(right)}\n`);
    await new Promise((resolve) => child.once("close", resolve));
    const answers = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers).toEqual([
      { failure: "bad-request", message: expect.stringMatching(/^--steps wants/) },
      { failure: "bad-request", message: expect.stringMatching(/JSON list.*nothing/) },
      expect.objectContaining({ seed: "1", sha256: sha256("line.png") }),
    ]);
    expect(child.exitCode).toBe(0);
  });

  it("wrote the latents too, for NumPy to read", () => {
    const file = readFileSync(path("latents.npy"));
    expect(file.subarray(0, 8)).toEqual(Buffer.from("\x93NUMPY\x01\x00", "latin1"));
    const data = 10 + file.readUInt16LE(8);
    expect(data % 64).toBe(0);
    expect(file.subarray(10, data).toString("latin1")).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(1, 4, 4, 6,\), \} *\n$/,
    );
    expect(file.length - data).toBe(4 * 4 * 4 * 6);
    expect(Number.isFinite(file.readFloatLE(data))).toBe(true);
  });
});
