import { expect, type Page } from "@playwright/test";
import { test } from "../support/app";

/** Windows below 560 px: a phone in landscape, low windows on a desk, and a narrow one. */
const LOW = [
  { width: 844, height: 390 },
  { width: 667, height: 375 },
  { width: 1280, height: 540 },
  { width: 390, height: 540 },
];
const WIDTHS = [320, 390, 640, 768, 1024, 1440];

/** What of these is outside the window, by name. */
function outOfSight(page: Page, selectors: readonly string[]): Promise<string[]> {
  return page.evaluate(
    (names) =>
      names.filter((name) => {
        const box = document.querySelector(name)?.getBoundingClientRect();
        return !box || box.height === 0 || box.top < 0 || box.bottom > innerHeight + 1;
      }),
    selectors,
  );
}

/** Links, buttons and fields of the first window whose middle belongs to a notice. */
function hiddenByNotices(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("a, button, input, textarea, summary, h1")]
      .filter((element) => element.closest(".toasts") === null && element.checkVisibility())
      .filter((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return document.elementFromPoint(x + width / 2, y + height / 2)?.closest(".toasts") != null;
      })
      .map((element) => element.textContent || element.id),
  );
}

test("a wheel over the picture, the prompt or the settings never scrolls the page of a desk", async ({
  app,
  page,
}) => {
  await app.open({ seed: "1", steps: 4, bestOf: 2, isMoreOpen: true });
  await app.ready();
  await app.make("a red cat");
  for (const viewport of [
    { width: 1280, height: 720 },
    { width: 1024, height: 600 },
    { width: 844, height: 390 },
  ]) {
    await page.setViewportSize(viewport);
    for (const place of [".frame", ".composer", ".controls"]) {
      await page.locator(place).hover();
      await page.mouse.wheel(0, 4_000);
      await page.mouse.wheel(0, 4_000);
    }
    const beyond = () => page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    await expect.poll(beyond, JSON.stringify(viewport)).toBeLessThanOrEqual(0);
    expect(await page.evaluate(() => scrollY)).toBe(0);
  }
});

test("a low window has the prompt, its button and the picture in view", async ({ app, page }) => {
  await app.open({ seed: "1", steps: 4 });
  await app.ready();
  await app.make("a red cat");
  for (const viewport of LOW) {
    await page.setViewportSize(viewport);
    await page.evaluate(() => scrollTo(0, 0));
    const missing = () => outOfSight(page, [".frame", "textarea", ".generate"]);
    await expect.poll(missing, { message: JSON.stringify(viewport) }).toEqual([]);
  }
});

test("a notice covers nothing at any width", async ({ app, page }) => {
  await page.addInitScript(() => localStorage.setItem("afterimage.settings", "{"));
  await app.open();
  const notice = page.getByText("Some saved settings could not be read and were reset.");
  for (const width of WIDTHS) {
    for (const height of [390, 844]) {
      await page.setViewportSize({ width, height });
      await expect(notice).toBeVisible();
      expect(await hiddenByNotices(page), `${width} x ${height}`).toEqual([]);
    }
  }
});

test("Esc elsewhere than in the studio, or one that ends a composition, leaves the picture to be drawn", async ({
  app,
  page,
}) => {
  test.slow();
  await app.open({ seed: "1", steps: 150 });
  await app.ready();
  // Other pages have workers of their own.
  const engine = app.worker();
  const cancels = () => engine.evaluate(() => Reflect.get(self, "cancels") as number);
  await engine.evaluate(() => {
    Reflect.set(self, "cancels", 0);
    self.addEventListener("message", ({ data }) => {
      if (data.type === "cancel") Reflect.set(self, "cancels", Reflect.get(self, "cancels") + 1);
    });
  });
  await app.prompt.fill("a red cat");
  await app.generate.click();
  await expect(app.stop).toBeVisible();
  const asleep = engine.evaluate(() => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
  });
  await app.prompt.evaluate((box) =>
    box.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Escape", keyCode: 229, bubbles: true, cancelable: true }),
    ),
  );
  for (const route of ["#models", "#bench"]) {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, route);
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
    await page.keyboard.press("Escape");
  }
  await page.goBack();
  await page.goBack();
  await asleep;
  await expect(app.picture).toBeVisible();
  expect(await cancels()).toBe(0);
});

test("Tab reaches the way past the header first, and it leads to the content", async ({ app, page }) => {
  await app.open();
  await app.ready();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("the prompt names a list only while there is one", async ({ app, page }) => {
  await app.open();
  await app.ready();
  await expect(app.prompt).not.toHaveAttribute("aria-controls");
  await app.prompt.click();
  await page.keyboard.type("a do");
  const list = page.getByRole("listbox");
  await expect(list).toBeVisible();
  await expect(app.prompt).toHaveAttribute("aria-controls", (await list.getAttribute("id")) ?? "");
  await page.keyboard.press("Escape");
  await expect(app.prompt).not.toHaveAttribute("aria-controls");
});

test.describe("under a finger", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test("a vertical swipe that begins on a slider scrolls and leaves its value; a horizontal one moves it", async ({
    app,
    page,
  }) => {
    await app.open({ seed: "1", steps: 4, isMoreOpen: true });
    await app.ready();
    const cdp = await page.context().newCDPSession(page);
    const swipe = async (from: { x: number; y: number }, dx: number, dy: number) => {
      const touch = (type: "touchStart" | "touchMove" | "touchEnd", part: number) =>
        cdp.send("Input.dispatchTouchEvent", {
          type,
          touchPoints: type === "touchEnd" ? [] : [{ x: from.x + dx * part, y: from.y + dy * part }],
        });
      await touch("touchStart", 0);
      for (let move = 1; move <= 10; move++) await touch("touchMove", move / 10);
      await touch("touchEnd", 1);
    };
    for (const name of ["Steps", "Guidance"] as const) {
      const slider = app.slider(name);
      await slider.evaluate((element) => element.scrollIntoView({ block: "center" }));
      const before = await slider.inputValue();
      const scrolled = await page.evaluate(() => scrollY);
      const box = await slider.boundingBox();
      if (box === null) throw new Error("The slider is not on the page.");
      const from = { x: box.x + box.width * 0.8, y: box.y + box.height / 2 };
      await swipe(from, 4, scrolled > 100 ? 160 : -160);
      await expect.poll(() => page.evaluate(() => scrollY)).not.toBe(scrolled);
      await expect(slider).toHaveValue(before);
      await slider.evaluate((element) => element.scrollIntoView({ block: "center" }));
      const now = await slider.boundingBox();
      await swipe({ x: from.x, y: (now?.y ?? 0) + box.height / 2 }, -120, 0);
      await expect(slider).not.toHaveValue(before);
    }
  });

  test("every target is 24 px high and wide at least, and headings go down one level at a time", async ({
    app,
    page,
  }) => {
    await app.open({ seed: "1", steps: 4, bestOf: 2, isMoreOpen: true });
    await app.ready();
    await app.make("a red cat");
    const small = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("a, button, input, select, textarea, summary")]
          .filter(
            (target) =>
              target.checkVisibility({ opacityProperty: true }) &&
              target.closest("p, label, .skip-link") === null,
          )
          .map((target) => ({ box: target.getBoundingClientRect(), name: target.outerHTML.slice(0, 120) }))
          .filter(({ box }) => box.width > 1 && (box.width < 24 || box.height < 24))
          .map(({ box, name }) => `${box.width} x ${box.height}: ${name}`),
      );
    const leaps = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("h1, h2, h3, h4")]
          .filter((heading) => heading.checkVisibility())
          .map((heading) => Number(heading.tagName[1]))
          .filter((level, i, levels) => level > (levels[i - 1] ?? 0) + 1),
      );
    expect(await small()).toEqual([]);
    await page.getByRole("link", { name: "Model card", exact: true }).click();
    await expect(page.getByRole("region", { name: "Obedience", exact: true })).toBeVisible();
    expect(await small()).toEqual([]);
    expect(await leaps()).toEqual([]);
    for (const hash of ["#models", "#bench"]) {
      await page.evaluate((route) => {
        location.hash = route;
      }, hash);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await small()).toEqual([]);
      expect(await leaps()).toEqual([]);
    }
  });
});
