import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect } from "@playwright/test";
import { site, test } from "../support/app";

const PROMPT = "a cat on grass at sunset";
const STEPS = 8;

test.use(site({ bundled: "tinyworld" }));

test("a prompt becomes a picture on the CPU, and the command line makes the same bytes", async ({
  app,
  page,
  site: host,
}, testInfo) => {
  await app.open({ seed: "1", steps: STEPS, isMoreOpen: true });
  await app.ready();
  const first = await app.make(PROMPT);
  expect(first.colours).toBeGreaterThan(200);
  expect(first.text).toContain(`parameters\0${PROMPT}`);
  expect(first.text).toMatch(/Steps: 8, Sampler: .*Seed: 1,/);

  const requests = host.requested.length;
  await page.getByRole("textbox", { name: "Seed" }).fill("2");
  const second = await app.make(PROMPT);
  expect(second.sha256).not.toBe(first.sha256);
  expect(host.requested.slice(requests), "requests once the model is ready").toEqual([]);

  const out = testInfo.outputPath("picture.png");
  const args = ["node_modules/tsx/dist/cli.mjs", "src/cli/generate.ts", PROMPT];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...args,
    ...["--seed", "1", "--steps", String(STEPS), "--out", out],
  ]);
  expect(JSON.parse(stdout).sha256).toBe(first.sha256);
  expect(
    createHash("sha256")
      .update(await readFile(out))
      .digest("hex"),
  ).toBe(first.sha256);
});

test("the examples of the model make pictures, and their thumbnails are there", async ({ app, page }) => {
  await app.open();
  await app.ready();
  const examples = page.locator("button.example");
  await expect(examples).toHaveCount(6);
  for (const image of await examples.locator("img").all()) {
    expect(await image.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  }
  const prompt = (await examples.first().textContent()) ?? "";
  await examples.first().click();
  await expect(app.picture).toBeVisible();
  await expect(app.prompt).toHaveValue(prompt);
});

test("Quick draws with the few-step weights, and what it has learnt cannot be set", async ({ app, page }) => {
  await app.open({ seed: "1" });
  await app.ready();
  await page
    .getByRole("group", { name: "Drawing" })
    .getByRole("radio", { name: /^Quick/ })
    .check();
  await expect(page.getByRole("slider", { name: "Guidance" })).toBeDisabled();
  await expect(page.getByRole("slider", { name: "Steps" })).toHaveValue("4");
  const { text } = await app.make(PROMPT);
  expect(text).toMatch(/Steps: 4, Sampler: DDIM.*, CFG scale: 1,.*Weights: few_step/);
});
