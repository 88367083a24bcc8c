import { expect, type Page } from "@playwright/test";
import { test } from "../support/app";

const best = (page: Page, count: number) => page.getByRole("region", { name: `Best of ${count}` });
const thumbnails = (page: Page, count: number) => best(page, count).getByRole("button");
const bestOf = (page: Page, count: number) =>
  page.getByRole("group", { name: "Best of" }).getByRole("radio", { name: String(count), exact: true });
const scoreOf = (label: string | null) => Number(label?.match(/prompt match ([\d.]+)/)?.[1]);

test("several pictures of consecutive seeds, the best match on show, each with a recipe of its own", async ({
  app,
  page,
}) => {
  await app.open({ seed: "41", steps: 4 });
  await app.ready();
  const alone = await app.make("a red cat");
  await bestOf(page, 4).check();
  await app.generate.click();
  await expect(thumbnails(page, 4)).toHaveCount(4);
  await expect(app.generate).toBeVisible();
  const labels = await thumbnails(page, 4).evaluateAll((all) =>
    all.map((one) => one.getAttribute("aria-label")),
  );
  const scores = labels.map(scoreOf);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  expect(labels.map((label) => label?.match(/seed (\d+)/)?.[1]).sort()).toEqual(["41", "42", "43", "44"]);
  await expect(thumbnails(page, 4).first()).toHaveAttribute("aria-current", "true");

  const texts = new Map<string, string>();
  for (const thumbnail of await thumbnails(page, 4).all()) {
    const seed = (await thumbnail.getAttribute("aria-label"))?.match(/seed (\d+)/)?.[1] ?? "";
    await thumbnail.click();
    await expect(thumbnail).toHaveAttribute("aria-current", "true");
    await expect(app.status).toContainText(`Seed ${seed}`);
    const { text, sha256 } = await app.png();
    expect(text).toContain(`Seed: ${seed},`);
    texts.set(seed, sha256);
  }
  expect(new Set(texts.values()).size).toBe(4);
  expect(texts.get("41"), "the same as alone").toBe(alone.sha256);
});

test("progress counts pictures and steps, and a stop keeps what is finished", async ({ app, page }) => {
  await app.open({ seed: "7", steps: 80, bestOf: 8 });
  await app.ready();
  await app.prompt.fill("a red cat");
  await app.generate.click();
  await expect(app.status).toHaveText(/^Picture 3 of 8, step \d+ of 80/);
  await expect(best(page, 8).locator("li")).toHaveCount(8);
  await app.stop.click();
  await expect(app.generate).toBeVisible();
  await expect(app.picture).toBeVisible();
  const finished = page.getByRole("region", { name: /^Best of \d$/ }).getByRole("button");
  const kept = await finished.count();
  expect(kept).toBeGreaterThanOrEqual(2);
  expect(kept).toBeLessThan(8);
  await expect(finished.first()).toBeEnabled();

  await app.slider("Steps").fill("4");
  await bestOf(page, 1).check();
  await app.make("a dog");
  await expect(finished).toHaveCount(0);
  const visit = page.getByRole("list", { name: "Pictures of this visit" }).getByRole("button");
  await expect(visit).toHaveCount(2);
  await visit.nth(1).click();
  await expect(finished).toHaveCount(kept);
});

test("the match is told on the scale of the model's card, and what it means is a press away", async ({
  app,
  page,
}) => {
  await app.open({ seed: "1" });
  await app.ready();
  await app.make("a red cat");
  const meter = page.getByRole("meter", { name: "Prompt match" });
  await expect(meter).toBeVisible();
  const score = Number((await page.locator(".match-score").textContent())?.split(",")[0]);
  const part = Math.min(1, Math.max(0, (score - 10) / 20));
  expect(await meter.evaluate((element: HTMLMeterElement) => element.value)).toBeCloseTo(part, 1);
  await page.getByRole("button", { name: "What is this?" }).press("Enter");
  const meaning = page.getByRole("dialog", { name: "What prompt match means" });
  await expect(meaning).toContainText("30.0 on average");
  await expect(meaning).toContainText("sometimes wrong");
  await page.keyboard.press("Escape");
  await expect(meaning).toBeHidden();
});
