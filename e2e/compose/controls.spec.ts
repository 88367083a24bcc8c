import { expect } from "@playwright/test";
import { test } from "../support/app";
import { expectAccessible } from "../support/axe";

test("the guidance slider obeys the keyboard, and the picture is made with what it says", async ({ app }) => {
  await app.open();
  await app.ready();
  const guidance = app.slider("Guidance");
  await guidance.focus();
  await expect(guidance).toHaveValue("3");
  await guidance.press("ArrowRight");
  await guidance.press("ArrowRight");
  await expect(guidance).toHaveValue("4");
  await guidance.press("End");
  await expect(guidance).toHaveValue("15");
  await guidance.press("ArrowLeft");
  await expect(guidance).toHaveAttribute("aria-valuetext", /^14\.5, /);
  expect((await app.make("a red cat")).text).toMatch(/CFG scale: 14\.5,/);
});

test("Ctrl+Enter generates, Esc stops, and the button says which", async ({ app, page }) => {
  await app.open({ steps: 150, shape: "native" });
  await app.ready();
  await app.prompt.fill("a red cat");
  await app.prompt.press("Control+Enter");
  await expect(app.stop).toBeVisible();
  await expect(app.status).toHaveText(/^Step \d+ of 150/);
  await page.keyboard.press("Escape");
  await expect(app.generate).toBeVisible();
  await expect(app.picture).toHaveCount(0);
});

test("settings and prompt survive a reload", async ({ app, page }) => {
  await app.open();
  await app.ready();
  await app.prompt.fill("a dog on a cat");
  await app.slider("Steps").fill("7");
  await page.getByText("More settings").click();
  await page.getByRole("textbox", { name: "Seed" }).fill("18446744073709551615");
  await page.getByRole("textbox", { name: "Negative prompt" }).fill("red");
  await page.getByRole("combobox", { name: "Sampler" }).selectOption("DPM++ 2M");
  await page.reload();
  await app.ready();
  await expect(app.prompt).toHaveValue("a dog on a cat");
  await expect(app.slider("Steps")).toHaveValue("7");
  await expect(page.getByRole("textbox", { name: "Seed" })).toHaveValue("18446744073709551615");
  await expect(page.getByRole("textbox", { name: "Negative prompt" })).toHaveValue("red");
  await expect(page.getByRole("combobox", { name: "Sampler" })).toHaveValue("dpmpp_2m");
});

test("Generate before the model has come makes the picture when it has", async ({ app }) => {
  await app.open();
  await app.make("a red cat");
});

test("the recipe of a picture can be had again: same seed, same bytes; another seed, another picture", async ({
  app,
  page,
}) => {
  await app.open({ seed: "1", isMoreOpen: true });
  await app.ready();
  const first = await app.make("a red cat");
  const again = await app.make("a red cat");
  expect(again.sha256).toBe(first.sha256);
  await page.getByRole("textbox", { name: "Seed" }).fill("2");
  expect((await app.make("a red cat")).sha256).not.toBe(first.sha256);
});

test("guidance acts in the steps that were set, the picture and its file say so, and guidance 1 has none to set", async ({
  app,
  page,
}) => {
  test.slow();
  await app.open({ seed: "1", isMoreOpen: true });
  await app.ready();
  const whole = await app.make("a red cat");
  expect(whole.text).not.toMatch(/Skip Early CFG|CFG end/);
  const limits = page.getByRole("group", { name: "Guided steps" });
  const from = limits.getByRole("spinbutton", { name: "Guided from, percent of the steps" });
  const to = limits.getByRole("spinbutton", { name: "Guided to, percent of the steps" });
  await expect(limits).toContainText("Guidance acts in every step");
  await to.fill("75");
  await from.fill("90");
  await from.blur();
  await expect(from, "no further than where it stops").toHaveValue("75");
  await from.fill("20");
  await from.press("ArrowUp");
  await expect(from).toHaveValue("25");
  await expect(limits).toContainText("Steps 2 to 3 of 4; the others take about half the time");
  const part = await app.make("a red cat");
  expect(part.text).toContain("Skip Early CFG: 0.25, CFG end: 0.75");
  expect(part.sha256).not.toBe(whole.sha256);
  await expect(app.status).toContainText("Guided from 25 to 75 %");
  await expectAccessible(page, "guided in part");

  await page.reload();
  await app.ready();
  await expect(from).toHaveValue("25");
  await app.slider("Guidance").fill("1");
  await expect(from).toBeDisabled();
  await expect(to).toBeDisabled();
  await expect(limits).toContainText("Guidance 1 guides no step");
  await page.getByRole("button", { name: "Use the model’s own settings" }).click();
  await expect(from).toHaveValue("0");
  await expect(to).toHaveValue("100");
  await expect(to).toBeEnabled();
});

test("a seed that is none says so, Full tells its true steps, and other choices than the makers' are hinted at", async ({
  app,
  page,
}) => {
  await app.open({ isMoreOpen: true, steps: 3 });
  await app.ready();
  const seed = page.getByRole("textbox", { name: "Seed" });
  await seed.fill("abc");
  await expect(seed).toHaveAttribute("aria-invalid", "true");
  await expect(seed).toHaveAccessibleDescription(/^“abc” is no seed: .* whole number/);
  await seed.fill("12");
  await expect(seed).toHaveAttribute("aria-invalid", "false");
  await expect(page.getByRole("group", { name: "Drawing" })).toContainText("3 steps");
  const sampler = page.getByRole("combobox", { name: "Sampler" });
  await sampler.selectOption("Heun");
  await expect(sampler).toHaveAccessibleDescription(/DDIM with 4 steps\. With 3, Heun may leave noise/);
  await page.getByRole("radio", { name: /^Small/ }).check();
  await expect(page.getByRole("group", { name: "Size" })).toContainText("Made for 64 × 64");
});
