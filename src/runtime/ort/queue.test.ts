import { expect, it } from "vitest";
import { enqueue } from "./queue";

it("runs the next job after one failed, by rejection or by throwing", async () => {
  await expect(enqueue(() => Promise.reject(new Error("first")))).rejects.toThrow("first");
  const throwing = () => {
    throw new Error("second");
  };
  await expect(enqueue(throwing)).rejects.toThrow("second");
  await expect(enqueue(async () => "third")).resolves.toBe("third");
});

it("never overlaps two jobs, and keeps their order", async () => {
  const log: string[] = [];
  const job = (name: string, turns: number) => async () => {
    log.push(`${name} begins`);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    log.push(`${name} ends`);
  };
  await Promise.all([enqueue(job("a", 5)), enqueue(job("b", 0)), enqueue(job("c", 2))]);
  expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});
