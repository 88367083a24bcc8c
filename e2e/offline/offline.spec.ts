import { expect, type Page } from "@playwright/test";
import { type App, site, test } from "../support/app";
import { expectEngineKept } from "../support/ortBuilds";

function countLoads(page: Page): () => number {
  let loads = 0;
  page.on("domcontentloaded", () => loads++);
  return () => loads;
}

const isIsolated = ({ page }: App) => page.evaluate(() => crossOriginIsolated);

test("with the host gone, a reload opens the app, makes the same picture, and asks nobody", async ({
  app,
  page,
  site: host,
}) => {
  await app.open({ seed: "1" });
  await app.ready();
  const online = await app.make("a red cat");
  await expectEngineKept(page);
  await host.stop();
  await page.context().setOffline(true);
  await page.reload();
  await app.ready();
  expect((await app.make("a red cat")).sha256).toBe(online.sha256);
});

test("a new version waits, says so, and comes only when asked", async ({ app, page, site: host }) => {
  const loads = countLoads(page);
  await app.open();
  await app.ready();
  await expectEngineKept(page);
  host.changed.set("sw.js", (body) => Buffer.concat([body, Buffer.from("\n// another version")]));
  await page.reload();
  const notices = page.getByRole("region", { name: "Notices" });
  await expect(notices).toContainText("A new version is ready.");
  const before = loads();
  await app.ready();
  await app.make("a red cat");
  expect(loads()).toBe(before);
  const isWaiting = () =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting !== null);
  expect(await isWaiting()).toBe(true);
  await page.getByRole("button", { name: "Reload" }).click();
  await expect.poll(loads).toBe(before + 1);
  await app.ready();
  expect(await isWaiting()).toBe(false);
});

test("what a new version no longer has is thrown out, and nothing else of the origin", async ({
  app,
  page,
  site: host,
}) => {
  await app.open();
  await app.ready();
  await expectEngineKept(page);
  const keptBefore = await page.evaluate(async () => {
    const cache = await caches.open("afterimage-kept-1");
    await cache.put("/models/old-000000000000/unet.safetensors", new Response("old"));
    await caches.open("of-another-app");
    return (await cache.keys()).length;
  });
  host.changed.set("sw.js", (body) => Buffer.concat([body, Buffer.from("\n// another version")]));
  await page.reload();
  const reloaded = page.waitForEvent("domcontentloaded");
  await page.getByRole("button", { name: "Reload" }).click();
  await reloaded;
  await app.ready();
  const kept = () =>
    page.evaluate(async () => (await (await caches.open("afterimage-kept-1")).keys()).map(({ url }) => url));
  await expect.poll(async () => (await kept()).length).toBe(keptBefore - 1);
  expect((await kept()).some((url) => url.includes("old-000000000000"))).toBe(false);
  expect(await page.evaluate(() => caches.has("of-another-app"))).toBe(true);
});

test.describe("a host that sends no headers, in a subfolder", () => {
  test.use(site({ host: { withHeaders: false, base: "/studio/" } }));

  test("the service worker isolates the page, after one reload and no more", async ({ app, page }) => {
    const loads = countLoads(page);
    await app.open({ seed: "1" });
    await expect.poll(() => isIsolated(app).catch(() => false)).toBe(true);
    expect(await app.ready()).toMatch(/processor, [2-9]/);
    await app.make("a red cat");
    expect(loads()).toBe(2);
  });
});

test.describe("a host that sends no headers, in a browser without service workers", () => {
  test.use({ ...site({ host: { withHeaders: false, base: "/" } }), serviceWorkers: "block" });

  test("the app runs on one thread, and never reloads itself", async ({ app, page }) => {
    const loads = countLoads(page);
    await app.open();
    expect(await app.ready()).toMatch(/processor, 1 thread/);
    expect(await isIsolated(app)).toBe(false);
    await app.make("a red cat");
    expect(loads()).toBe(1);
  });
});

test.describe("a first visit that ends early", () => {
  test.use(site({ expected: [/ERR_|Failed to (load|fetch)|could not be fetched/] }));

  for (const [what, name] of [
    ["the engine", /^assets\/.*\.wasm$/],
    ["the model", /^models\/.*unet/],
  ] as const) {
    test(`nothing is promised before ${what} is kept, and without a network the page says what is missing`, async ({
      app,
      page,
      site: host,
    }) => {
      host.hold(name);
      const promise = page.getByText("Ready to work offline.");
      await app.open();
      await page.evaluate(() => navigator.serviceWorker.ready);
      await expect.poll(() => host.requested.some((path) => name.test(path))).toBe(true);
      await host.stop();
      await page.context().setOffline(true);
      await page.reload();
      // Its engine is kept only once a model has been opened with it.
      await expect(app.failure).toContainText("The engine is not on this device yet.");
      await expect(promise).toHaveCount(0);
    });
  }
});

test("ready to work offline is said when engine and model are kept, and holds", async ({
  app,
  page,
  site: host,
}) => {
  await app.open({ seed: "1" });
  const notices = page.getByRole("region", { name: "Notices" });
  await expect(notices).toContainText("Ready to work offline.");
  await host.stop();
  await page.context().setOffline(true);
  await page.reload();
  await app.make("a red cat");
});
