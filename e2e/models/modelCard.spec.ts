import { expect } from "@playwright/test";
import { test } from "../support/app";

test("the card is a link away, says what the makers say and measured, and the way back keeps everything", async ({
  app,
  page,
}) => {
  await app.open({ seed: "1", prompt: "a red cat" });
  await app.ready();
  const picture = await app.make("a red cat");
  await page.getByRole("link", { name: "Model card", exact: true }).click();
  await expect(page).toHaveURL(/#model-card$/);
  await expect(page).toHaveTitle("Small: model card · Afterimage");
  await expect(page.getByRole("heading", { level: 1, name: "Small" })).toBeFocused();
  const card = page.getByRole("main");
  await expect(card).toContainText("64 × 64 pixels");
  await expect(card.getByRole("heading", { name: "What it knows" })).toBeVisible();
  const obedience = card.getByRole("region", { name: "Obedience", exact: true });
  await expect(obedience.getByRole("row").nth(1)).toHaveText(/single object\s*50%\s*12.5%/);
  const samplers = card.getByRole("region", { name: "Samplers", exact: true });
  await expect(samplers.getByRole("row").nth(1)).toHaveText(/DDIM\s*4\s*123.4\s*20%/);
  const plot = samplers.getByRole("img", { name: "Plot: samplers" });
  await expect.poll(() => plot.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await expect(card.getByRole("heading", { name: "Vocabulary" })).toBeVisible();

  await page.goBack();
  await expect(app.prompt).toHaveValue("a red cat");
  expect((await app.png()).sha256).toBe(picture.sha256);
  await expect(page.getByRole("link", { name: "Model card", exact: true })).toBeFocused();
});

test("the card has an address, and is there without a network after one visit", async ({
  app,
  page,
  site: host,
}) => {
  await app.open();
  await app.ready();
  const hasDocuments = () =>
    page.evaluate(async () => {
      const requests = await (await caches.open("afterimage-kept-1")).keys();
      // The engine is kept last, and without it there is no model to name.
      const hasEngine = requests.some(({ url }) => url.endsWith(".wasm"));
      return hasEngine ? requests.filter(({ url }) => url.includes("-documents-")).length : 0;
    });
  await expect.poll(hasDocuments).toBe(3);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await host.stop();
  await page.context().setOffline(true);
  await page.goto(`${app.url}#model-card`);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Small" })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("for tests");
  await expect(page.getByRole("region", { name: "Samplers", exact: true })).toContainText("123.4");
});

test("nothing of the card is fetched before the model is", async ({ app, site: host }) => {
  const release = host.hold(/\.safetensors$/);
  await app.open();
  await expect(app.status).toHaveText(/^Loading model/);
  expect(host.requested.filter((name) => name.includes("-documents-"))).toEqual([]);
  release();
  await app.ready();
  await expect.poll(() => host.requested.filter((name) => name.includes("-documents-")).length).toBe(3);
});

test("keys of the studio do nothing on the card", async ({ app, page }) => {
  await app.open({ prompt: "a red cat" });
  await app.ready();
  await page.getByRole("link", { name: "Model card", exact: true }).click();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("link", { name: "Back to the studio" }).click();
  await expect(app.generate).toBeVisible();
  await expect(app.picture).toHaveCount(0);
});
