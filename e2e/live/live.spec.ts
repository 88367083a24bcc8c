import { expect, type Page } from "@playwright/test";
import { type App, site, test } from "../support/app";
import { expectAccessible } from "../support/axe";

const LIVE = { isLive: true, seed: "7", steps: 20 };

/** Messages to the worker and from it, in their order. */
interface Line {
  readonly kind: "call" | "cancel" | "step" | "answer";
  readonly id: number;
  /** Of a call. */
  readonly name?: string;
  /** Of a call. */
  readonly guidanceScale?: number;
  /** Of a step: how many are done. */
  readonly step?: number;
}

/** As much of a message to the page as is written down. */
interface Message {
  readonly type: string;
  readonly id: number;
  readonly progress?: { readonly step: number };
}

/** Begins to write down what passes between page and worker. */
async function listen(app: App): Promise<() => Promise<readonly Line[]>> {
  await app.worker().evaluate(() => {
    const lines: Line[] = [];
    Object.assign(self, { lines });
    self.addEventListener("message", ({ data: { type, id, name, params } }) => {
      if (type === "call")
        lines.push({ kind: "call", id, name, guidanceScale: params.recipe?.guidanceScale });
      if (type === "cancel") lines.push({ kind: "cancel", id });
    });
    const post = self.postMessage.bind(self);
    const postMessage = (message: Message, transfer: Transferable[]) => {
      const { type, id, progress } = message;
      const isNewStep = !lines.some((line) => line.id === id && line.step === progress?.step);
      if (type === "progress" && isNewStep) lines.push({ kind: "step", id, step: progress?.step ?? 0 });
      if (type === "result" || type === "failure") lines.push({ kind: "answer", id });
      post(message, { transfer });
    };
    Object.assign(self, { postMessage });
  });
  return () => app.worker().evaluate(() => (self as unknown as { lines: Line[] }).lines);
}

/** Everything that the canvas of drafts has been given to show, as parts of the way to a draft. */
async function watchShares(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const shares: string[] = [];
    Object.assign(window, { shares });
    const note = () => {
      const share = document.querySelector("[data-testid=draft]")?.getAttribute("data-share");
      if (share) shares.push(share);
    };
    new MutationObserver(note).observe(document, {
      subtree: true,
      childList: true,
      attributeFilter: ["data-share"],
    });
  });
  return () => page.evaluate(() => (window as unknown as { shares: string[] }).shares);
}

const draftOf = (page: Page) => page.getByTestId("draft");

test("typing draws by itself: a draft that says what it is, then the picture with its seed and all its steps", async ({
  app,
  page,
}) => {
  await app.open(LIVE);
  await app.ready();
  const said: string[] = [];
  await page.exposeFunction("say", (text: string) => said.push(text));
  // Of all that speak politely, the last is the page's own voice.
  const voice = page.getByRole("status").last();
  await voice.evaluate((region) => {
    const { say } = window as unknown as { say(text: string): void };
    const watch = { childList: true, subtree: true, characterData: true };
    new MutationObserver(() => say(region.textContent ?? "")).observe(region, watch);
  });
  await app.prompt.pressSequentially("a red cat", { delay: 40 });
  await expect(app.status).toHaveText(/^Live draft, \d+ of 20 steps, on the processor$/);
  await expect(draftOf(page)).toBeVisible();
  const { text } = await app.png();
  expect(text).toContain("parameters\0a red cat");
  expect(text).toMatch(/Steps: 20, .*Seed: 7,/);
  await expect(app.status).toHaveText(/Seed 7/);
  await expect(draftOf(page)).toHaveCount(0);
  await expect(voice).toHaveText("Picture ready. Seed 7.");
  // Beside it there may be news of the page itself.
  expect(said.filter((text) => /draft|step|percent|generating|picture/i.test(text))).toEqual([
    "Picture ready. Seed 7.",
  ]);
});

test("dragging guidance redraws on the way, the last place wins, and the seed stays", async ({
  app,
  page,
}) => {
  await app.open({ ...LIVE, seed: null });
  await app.ready();
  await app.prompt.fill("a red cat");
  const first = await app.png();
  const seed = /Seed: (\d+),/.exec(first.text)?.[1];
  const before = await app.shown();
  const lines = await listen(app);
  const slider = app.slider("Guidance");
  const box = await slider.boundingBox();
  if (box === null) throw new Error("The slider has no place.");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 30, y);
  await page.mouse.down();
  for (let part = 0.1; part <= 0.9; part += 0.05) await page.mouse.move(box.x + box.width * part, y);
  await page.mouse.up();
  await expect.poll(() => app.shown()).not.toBe(before);
  const guidance = await slider.inputValue();
  const { text } = await app.png();
  expect(text).toContain(`CFG scale: ${guidance}, Seed: ${seed},`);
  const calls = (await lines()).filter(({ kind }) => kind === "call");
  const drafts = calls.filter(({ name }) => name === "draft").map(({ guidanceScale }) => guidanceScale);
  expect(drafts.length).toBeGreaterThan(2);
  expect(drafts.at(-1)).toBe(Number(guidance));
  expect(calls.filter(({ name }) => name === "generate")).toHaveLength(1);
});

test("a change ends what is stale within one step", async ({ app }) => {
  await app.open({ ...LIVE, steps: 150 });
  await app.ready();
  const lines = await listen(app);
  await app.prompt.fill("a red cat");
  const slider = app.slider("Guidance");
  await slider.focus();
  let cancelled = 0;
  for (let tries = 0; tries < 30 && cancelled < 5; tries++) {
    await expect.poll(async () => (await lines()).at(-1)?.kind).toBe("step");
    await slider.press(tries % 2 === 0 ? "ArrowRight" : "ArrowLeft");
    cancelled = (await lines()).filter(({ kind }) => kind === "cancel").length;
  }
  expect(cancelled).toBeGreaterThanOrEqual(5);
  await expect(app.picture).toBeVisible();
  const all = await lines();
  for (const [at, { kind, id }] of all.entries()) {
    if (kind !== "cancel") continue;
    const after = all.slice(at).filter((line) => line.id === id && line.kind === "step");
    expect(after.length, `steps of call ${id} after its cancel`).toBeLessThanOrEqual(1);
  }
});

test("Esc stops and leaves the draft; Generate draws its picture; drafts are not among the pictures", async ({
  app,
  page,
}) => {
  await app.open({ ...LIVE, seed: null, steps: 150 });
  await app.ready();
  for (const prompt of ["a cat", "a red cat", "a dog"]) {
    await app.prompt.fill(prompt);
    await expect(draftOf(page)).toHaveAttribute("data-share", "1");
    await expect(page.getByRole("progressbar", { name: "Refining" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("progressbar")).toHaveCount(0);
  }
  await expect(app.status).toHaveText(/^Live draft, /);
  await expect(app.picture).toHaveCount(0);
  const lines = await listen(app);
  await app.generate.click();
  const { text } = await app.png();
  expect(text).toContain("a dog");
  expect(text).toContain("Steps: 150,");
  await expect(app.generate).toBeVisible();
  expect((await lines()).filter(({ kind }) => kind === "call")).toHaveLength(1);
  const visit = page.getByRole("list", { name: "Pictures of this visit" });
  await expect(visit.getByRole("button")).toHaveCount(1);
});

test("the switch obeys the keyboard and is remembered; off, nothing is drawn unasked", async ({
  app,
  page,
}) => {
  await app.open({ steps: 4 });
  await app.ready();
  const live = page.getByRole("switch", { name: "Live" });
  await expect(live).not.toBeChecked();
  await app.prompt.fill("a red cat");
  await page.waitForTimeout(1_000);
  await expect(draftOf(page)).toHaveCount(0);
  await expect(app.picture).toHaveCount(0);
  await live.focus();
  await page.keyboard.press("Space");
  await expect(live).toBeChecked();
  await expect(app.picture).toBeVisible();
  await page.reload();
  await app.ready();
  await expect(live).toBeChecked();
});

test("who wants less motion sees drafts alone, and no guesses on the way", async ({ app, page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await app.open(LIVE);
  await app.ready();
  const shares = await watchShares(page);
  await app.prompt.fill("a red cat");
  await expect(app.picture).toBeVisible();
  await expect(draftOf(page)).toHaveCount(0);
  expect(new Set(await shares())).toEqual(new Set(["1"]));
});

test("live mode is accessible with a draft on the stage and with a picture", async ({ app, page }) => {
  test.slow();
  await app.open({ ...LIVE, steps: 150, isMoreOpen: true });
  await app.ready();
  await app.prompt.fill("a red cat");
  await expect(draftOf(page)).toHaveAttribute("data-share", "1");
  await app.prompt.press("Escape");
  await expect(app.status).toHaveText(/^Live draft, /);
  await expectAccessible(page, "live draft");
  await app.slider("Guidance").press("ArrowRight");
  await expect(app.picture).toBeVisible();
  await expect(draftOf(page)).toHaveCount(0);
  await expectAccessible(page, "live picture");
});

test("the page stays where it is while somebody types on a phone, and so does what is around the picture", async ({
  app,
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await app.open(LIVE);
  await app.ready();
  await app.prompt.click();
  await page.keyboard.type("a red cat");
  await expect(app.picture).toBeVisible();
  await expect(draftOf(page)).toHaveCount(0);
  const places = () =>
    page.evaluate(() =>
      [".frame", ".caption", ".controls", ".composer"].map((name) => {
        const { x, y, width } = document.querySelector(name)?.getBoundingClientRect() ?? new DOMRect();
        return [name, x, y, width];
      }),
    );
  expect(await page.evaluate(() => scrollY)).toBe(0);
  const before = await places();
  await page.keyboard.type(" on the dog");
  await expect(draftOf(page)).toBeVisible();
  expect(await places()).toEqual(before);
  await expect(draftOf(page)).toHaveCount(0);
  expect(await places()).toEqual(before);
});

test.describe("the bundled model", () => {
  test.use(site({ bundled: "tinyworld" }));

  test("what becomes of a draft is the same picture, only better", async ({ app, page }) => {
    await app.open({ isLive: true, seed: "7" });
    await app.ready();
    await app.prompt.fill("a red car on the beach");
    await expect(draftOf(page)).toHaveAttribute("data-share", "1");
    // Once the fade is over, the canvas is the draft.
    await page.waitForTimeout(500);
    const colours = (name: string) =>
      page.getByTestId(name).evaluate((element) => {
        const canvas = new OffscreenCanvas(32, 32);
        const context = canvas.getContext("2d");
        if (context === null) throw new Error("no canvas");
        context.imageSmoothingQuality = "high";
        context.drawImage(element as HTMLCanvasElement | HTMLImageElement, 0, 0, 32, 32);
        return [...context.getImageData(0, 0, 32, 32).data];
      });
    const draft = await colours("draft");
    await expect(app.picture).toBeVisible();
    await expect(draftOf(page)).toHaveCount(0);
    expect((await app.png()).text).toMatch(/Steps: 25, .*Seed: 7,/);
    const picture = await colours("picture");
    const mean = picture.reduce((sum, value, index) => sum + (value - (draft[index] ?? 0)) ** 2, 0);
    expect(Math.sqrt(mean / picture.length)).toBeLessThan(20);
  });
});
