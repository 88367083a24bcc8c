import { expect } from "@playwright/test";
import { site, test } from "../support/app";
import { expectAccessible } from "../support/axe";

test.use(site({ expected: [/the engine fell over/] }));

test("every state is accessible, in light and dark, on a desk and on a phone", async ({
  app,
  page,
  site: host,
}) => {
  test.slow();
  const release = host.hold(/\.safetensors$/);
  await app.open({ steps: 4, isMoreOpen: true });
  await expect(app.prompt).toBeVisible();
  await expect(app.status).toHaveText(/^Loading model/);
  await expectAccessible(page, "loading");
  release();
  await app.ready();
  await expect(page.getByRole("button", { name: "a red cat", exact: true })).toBeEnabled();
  await expectAccessible(page, "first visit");

  await app.slider("Steps").fill("150");
  await app.prompt.fill("a red cat of glass");
  await app.generate.click();
  await expect(app.status).toHaveText(/^Step \d+ of 150/);
  const asleep = app.worker().evaluate(() => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
  });
  await expect(app.stop).toBeVisible();
  await expectAccessible(page, "generating");
  await asleep;
  await expect(app.picture).toBeVisible();
  await expectAccessible(page, "done");

  await app.worker().evaluate(() => {
    setTimeout(() => {
      throw new Error("the engine fell over");
    });
  });
  await expect(app.failure).toBeVisible();
  await expectAccessible(page, "error");
});

test("suggestions, corrections, several pictures and the card are accessible too", async ({ app, page }) => {
  test.slow();
  await app.open({ steps: 4, seed: "1", bestOf: 2, isMoreOpen: false });
  await app.ready();
  await app.prompt.click();
  await page.keyboard.type("a red cta on a do");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("listbox").getByRole("option", { selected: true })).toBeVisible();
  await expectAccessible(page, "suggestions");
  await page.keyboard.press("Escape");
  await app.prompt.fill("Lamborghini");
  await app.generate.click();
  await expect(page.getByRole("region", { name: "Ideas" })).toBeVisible();
  await expectAccessible(page, "ideas");
  await app.prompt.fill("a red cat on a dog");
  await app.generate.click();
  await expect(page.getByRole("region", { name: "Best of 2" }).getByRole("button")).toHaveCount(2);
  await expect(app.generate).toBeVisible();
  await expectAccessible(page, "several pictures");
  await page.getByRole("button", { name: "What is this?" }).click();
  await expectAccessible(page, "what prompt match means");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Model card", exact: true }).click();
  await expect(page.getByRole("region", { name: "Obedience", exact: true })).toBeVisible();
  await expectAccessible(page, "model card");
});

test("the whole journey works with the keyboard alone", async ({ app, page }) => {
  await app.open();
  await app.ready();
  const reach = async (name: RegExp) => {
    for (let presses = 0; presses < 60; presses++) {
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        const label = element instanceof HTMLTextAreaElement ? element.labels[0] : element;
        return `${element?.getAttribute("aria-label") ?? ""} ${label?.textContent ?? ""}`;
      });
      if (name.test(focused)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab never reaches ${name}`);
  };
  await reach(/^ Prompt/);
  await page.keyboard.type("a dog");
  await reach(/Generate/);
  await page.keyboard.press("Enter");
  await expect(app.picture).toBeVisible();
  await reach(/Download PNG/);
  const download = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  expect((await download).suggestedFilename()).toMatch(/\.png$/);
});
