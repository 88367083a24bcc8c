import { expect } from "@playwright/test";
import { test } from "./app";

test("[C1] the guidance slider obeys the keyboard, and the picture is made with what it says", async ({
  app,
}) => {
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

test("[C2] Ctrl+Enter generates, Esc stops, and the button says which", async ({ app, page }) => {
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

test("[C3] settings and prompt survive a reload", async ({ app, page }) => {
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

test("[C4] Generate before the model has come makes the picture when it has", async ({ app }) => {
  await app.open();
  await app.make("a red cat");
});

test("[C5] the recipe of a picture can be had again: same seed, same bytes; another seed, another picture", async ({
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
