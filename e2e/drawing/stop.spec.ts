import { expect } from "@playwright/test";
import { site, test } from "../support/app";
import { overhear, stepsAfterCancel } from "../support/overhear";

test("stopping takes at most one step, and the next picture is right", async ({ app }) => {
  await app.open({ seed: "1" });
  await app.ready();
  const whole = await app.make("a red cat");
  const said = await overhear(app.worker());
  await app.slider("Steps").fill("150");
  // A picture may be done before the press arrives; then there is nothing to stop, and another is begun.
  await expect(async () => {
    await app.generate.click();
    await expect(app.status).toHaveText(/^Step [1-9]\d* of 150/);
    await app.stop.click({ timeout: 5_000 });
    await expect(app.generate).toBeVisible();
    await expect
      .poll(async () => (await said()).some(({ code }) => code === "cancelled"), { timeout: 10_000 })
      .toBe(true);
  }).toPass();
  expect(stepsAfterCancel(await said())).toBeLessThanOrEqual(1);
  await app.slider("Steps").fill("4");
  expect((await app.make("a red cat")).sha256).toBe(whole.sha256);
});

test.describe("an engine that dies", () => {
  test.use(site({ expected: [/the engine fell over/] }));

  test("is noticed in the middle of a picture, and starts again when asked", async ({ app, page }) => {
    test.slow();
    await app.open({ seed: "1", steps: 150 });
    await app.ready();
    await app.prompt.fill("a red cat");
    await app.generate.click();
    await expect(app.status).toHaveText(/^Step \d+ of 150/);
    await app.worker().evaluate(() => {
      setTimeout(() => {
        throw new Error("the engine fell over");
      });
    });
    await expect(app.failure).toContainText("The engine stopped");
    await expect(app.prompt).toHaveValue("a red cat");
    await page.getByRole("button", { name: "Restart the engine" }).click();
    await expect(app.picture).toBeVisible();
    await expect(app.failure).toHaveCount(0);
  });
});
