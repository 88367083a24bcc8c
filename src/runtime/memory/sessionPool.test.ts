import fc from "fast-check";
import { expect, it } from "vitest";
import type { Session } from "../ort/session";
import { SessionPool } from "./sessionPool";

/** Networks of these bytes, and a log of what was opened (+) and released (-). */
function networks(budget: number, bytes: Readonly<Record<string, number>>) {
  const log: string[] = [];
  const pool = new SessionPool(budget);
  const failing = new Set<string>();
  for (const [name, size] of Object.entries(bytes))
    pool.add(name, {
      bytes: size,
      async open() {
        if (failing.has(name)) throw new Error(`${name} does not open`);
        log.push(`+${name}`);
        const release = async () => void log.push(`-${name}`);
        return { inputs: [], release } as unknown as Session; // nothing but its end is asked of it here
      },
    });
  const taken = () => log.splice(0).join(" ");
  return { pool, failing, taken, use: (name: string) => pool.use(name, async () => name) };
}

const SDXL = { text_encoder: 1, text_encoder_2: 6, unet: 20, vae_decoder: 2 };

it("opens all, once, where all fit, and gives all back", async () => {
  const { pool, use, taken } = networks(29, SDXL);
  let opened = 0;
  await pool.openFirst(() => {
    opened++;
  });
  expect([opened, pool.isCrowded]).toEqual([4, false]);
  for (const name of ["unet", "text_encoder", "unet"]) await use(name);
  expect(taken()).toBe("+text_encoder +text_encoder_2 +unet +vae_decoder");
  await pool.close();
  expect(taken()).toBe("-text_encoder -text_encoder_2 -unet -vae_decoder");
  await expect(use("unet")).rejects.toMatchObject({ code: "internal" });
});

it("opens what fits at first; then each evicts only what it must, encoders first", async () => {
  const { pool, use, taken } = networks(27, SDXL);
  await pool.openFirst(() => undefined);
  expect([taken(), pool.isCrowded]).toEqual(["+text_encoder +text_encoder_2 +unet", true]);
  await use("unet");
  await use("vae_decoder"); // 29 of 27: the first to be evicted is the larger encoder, and then the smaller may stay
  expect(taken()).toBe("-text_encoder_2 +vae_decoder");
  for (let picture = 0; picture < 3; picture++) for (const name of ["unet", "vae_decoder"]) await use(name);
  expect(taken()).toBe("");
  await use("text_encoder");
  await use("text_encoder_2"); // a new prompt
  expect(taken()).toBe("-unet +text_encoder_2");
});

it("one that is larger than the budget is opened alone", async () => {
  const { pool, use, taken } = networks(10, SDXL);
  await pool.openFirst(() => undefined);
  await use("unet");
  await use("vae_decoder");
  expect(taken()).toBe(
    "+text_encoder +text_encoder_2 -text_encoder -text_encoder_2 +unet -unet +vae_decoder",
  );
});

it("never closes a network that is in use, and opens each once for all who wait", async () => {
  const { pool, taken } = networks(10, { a: 6, b: 6 });
  let finish = () => {};
  const working = pool.use(
    "a",
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  );
  await Promise.all([pool.use("b", async () => undefined), pool.use("b", async () => undefined)]);
  expect(taken()).toBe("+a +b");
  finish();
  await working;
  await pool.use("a", async () => undefined);
  expect(taken()).toBe("");
});

it("one that failed to open may be asked for again, and the others are none the worse", async () => {
  const { pool, failing, use, taken } = networks(10, { a: 6, b: 6 });
  failing.add("b");
  await use("a");
  await expect(use("b")).rejects.toThrow("b does not open");
  failing.clear();
  await use("b");
  await use("a");
  expect(taken()).toBe("+a -a +b -b +a");
  await pool.close();
  expect(taken()).toBe("-a");
});

it("whatever is asked for, the budget holds unless one alone breaks it, and all is given back", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat(4), { maxLength: 12 }),
      async (bytes, budget, calls) => {
        const { pool, use, taken } = networks(budget, Object.fromEntries(bytes.entries()));
        const open = new Set<number>();
        const settle = () => {
          for (const entry of taken().split(" ").filter(Boolean)) {
            const name = Number(entry.slice(1));
            if (entry.startsWith("-")) open.delete(name);
            else open.add(name);
            const total = [...open].reduce((sum, one) => sum + (bytes[one] ?? 0), 0);
            expect(total <= budget || open.size === 1).toBe(true);
          }
        };
        for (const call of calls) {
          await use(String(call % bytes.length));
          settle();
          expect(open.has(call % bytes.length)).toBe(true);
        }
        await pool.close();
        settle();
        expect(open.size).toBe(0);
      },
    ),
  );
});

it("memory for a copy is to be had where all networks and all copies fit, and is given back", () => {
  const { pool } = networks(32, SDXL); // 29 of 32
  expect([pool.reserve(2), pool.reserve(2), pool.reserve(1)]).toEqual([true, false, true]);
  pool.giveBack(2);
  expect(pool.reserve(2)).toBe(true);
});
