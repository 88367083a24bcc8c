import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DiskFile } from "./diskFile";

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "disk-file-"));
  path = join(folder, "file");
  writeFileSync(path, "0123456789");
});
afterAll(() => rmSync(folder, { recursive: true }));

it("a file on a disk reads as the Blob of its bytes does", async () => {
  const blob = new Blob(["0123456789"]);
  for (const [begin, end] of [
    [0, 10],
    [2, 5],
    [-3, 10],
    [4, -2],
    [7, 3],
    [8, 99],
  ] as const) {
    const [got, want] = [new DiskFile(path).slice(begin, end), blob.slice(begin, end)];
    expect(got.size).toBe(want.size);
    expect(await got.text()).toBe(await want.text());
    expect(await got.slice(1).arrayBuffer()).toEqual(await want.slice(1).arrayBuffer());
    expect(await new Response(got.stream()).text()).toBe(await want.text());
  }
});

it("a file of more than 4 GiB has its size, and an end", async () => {
  const large = join(folder, "large");
  writeFileSync(large, "begin");
  truncateSync(large, 2 ** 32 + 10);
  const file = new DiskFile(large);
  expect(file.size).toBe(2 ** 32 + 10);
  writeFileSync(large, "end", { flag: "a" });
  expect(await new DiskFile(large).slice(2 ** 32 + 10).text()).toBe("end");
  expect(await file.slice(0, 5).text()).toBe("begin");
});
