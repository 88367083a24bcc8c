import { expect, type Page } from "@playwright/test";
import { test } from "../support/app";

const options = (page: Page) => page.getByRole("listbox", { name: "Words it knows" }).getByRole("option");

test("words that begin like that are offered while typing, and taken with the keyboard", async ({
  app,
  page,
}) => {
  await app.open();
  await app.ready();
  await app.prompt.click();
  await page.keyboard.type("a red do");
  await expect(options(page)).toHaveText([/^dog\s*thing$/, /^dogs\s*several$/]);
  await expect(app.prompt).toBeFocused();
  await expect(app.prompt).not.toHaveAttribute("aria-activedescendant");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const active = await app.prompt.getAttribute("aria-activedescendant");
  await expect(page.locator(`[id="${active}"]`)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(app.prompt).toHaveValue("a red dogs");
  await expect(options(page)).toHaveCount(0);
  await page.keyboard.type(", pixel a");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await expect(app.prompt).toHaveValue("a red dogs, pixel art");
  await expect(app.prompt).toBeFocused();
  await page.keyboard.press("Control+z");
  await expect(app.prompt).not.toHaveValue("a red dogs, pixel art");
});

test("plain typing is left alone: Enter is a new line, Tab goes on, Escape closes, a pointer takes", async ({
  app,
  page,
}) => {
  await app.open();
  await app.ready();
  await app.prompt.click();
  await page.keyboard.type("do");
  await expect(options(page)).toHaveCount(2);
  await page.keyboard.press("Enter");
  await expect(app.prompt).toHaveValue("do\n");
  await page.keyboard.type("do");
  await expect(options(page)).toHaveCount(2);
  await page.keyboard.press("Escape");
  await expect(options(page)).toHaveCount(0);
  await expect(app.prompt).toHaveValue("do\ndo");
  await page.keyboard.type("g ca");
  await options(page).first().click();
  await expect(app.prompt).toHaveValue("do\ndog cat");
  await expect(app.prompt).toBeFocused();
  await page.keyboard.type(" ki");
  await expect(options(page)).toHaveText([/^kitten\s*like “cat”$/]);
  await page.keyboard.press("ArrowLeft");
  await expect(options(page)).toHaveCount(0);
  await page.keyboard.press("Tab");
  await expect(app.prompt).not.toBeFocused();
});

test("an open list is never in the way of Generate", async ({ app, page }) => {
  await app.open({ seed: "1", steps: 4 });
  await app.ready();
  await app.prompt.click();
  await page.keyboard.type("a dog on a red ca");
  await expect(options(page).first()).toBeVisible();
  await app.generate.click({ timeout: 5_000 });
  await expect(app.picture).toBeVisible();
  await expect(app.prompt).toHaveValue("a dog on a red ca");
});

test("an input method has the keys to itself until it is done", async ({ app, page }) => {
  await app.open();
  await app.ready();
  await app.prompt.click();
  const ime = await page.context().newCDPSession(page);
  await ime.send("Input.imeSetComposition", { text: "do", selectionStart: 2, selectionEnd: 2 });
  await expect(app.prompt).toHaveValue("do");
  await expect(options(page)).toHaveCount(0);
  await ime.send("Input.insertText", { text: "do" });
  await expect(options(page)).toHaveCount(2);
});

test("only what the model knows is drawn, and a quiet line says so in space that is always there", async ({
  app,
  page,
}) => {
  await app.open({ seed: "1", steps: 3, isMoreOpen: true });
  await app.ready();
  const before = await app.generate.boundingBox();
  await app.prompt.fill("a red cat wearing a hat, 8k");
  await app.prompt.blur();
  await expect(page.getByText("Draws: a red cat").first()).toBeVisible();
  await expect(page.locator(".prompt-mirror s")).toHaveText(["wearing", "hat", "8k"]);
  await expect(page.getByRole("status").filter({ hasText: "Draws: a red cat" })).toBeAttached();
  expect(await app.generate.boundingBox()).toEqual(before);
  const known = await app.make("a red cat wearing a hat, 8k");
  expect(known.text).toMatch(/a red cat\n/);
  expect(known.text).toContain("a red cat wearing a hat, 8k");
  await expect(app.prompt).toHaveValue("a red cat wearing a hat, 8k");
  await page.getByRole("checkbox", { name: "Send every word as it is" }).check();
  await expect(page.locator(".prompt-notes")).toHaveText("");
  await expect(page.locator(".prompt-mirror s")).toHaveCount(0);
  const whole = await app.make("a red cat wearing a hat, 8k");
  expect(whole.sha256).not.toBe(known.sha256);
});

test("a sentence that the model knows is typed in silence", async ({ app, page }) => {
  await app.open();
  await app.ready();
  await app.prompt.click();
  const said = await page.evaluateHandle(() => {
    const heard: string[] = [];
    const listen = () => {
      heard.push(document.querySelector(".prompt-notes")?.textContent ?? "");
      heard.push(...[...document.querySelectorAll(".prompt-mirror s")].map((struck) => struck.textContent));
    };
    new MutationObserver(listen).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    return heard;
  });
  await page.keyboard.type("a red kitten on the dog, pixel art", { delay: 40 });
  await page.keyboard.press("Escape");
  await expect(page.locator(".tokens")).toHaveText(/^[1-9]\d*\/75/);
  expect(new Set(await said.jsonValue())).toEqual(new Set([""]));
});

test("a word that is being typed is not judged before it is finished", async ({ app, page }) => {
  await app.open();
  await app.ready();
  await app.prompt.click();
  await page.keyboard.type("a dog and a kitt");
  await expect(options(page)).toHaveCount(1);
  await expect(page.locator(".tokens")).not.toHaveText(/^[01]\/75/);
  await expect(page.locator(".prompt-mirror s")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(page.locator(".prompt-mirror s")).toHaveText(["kitt"]);
});

test("where nothing is known no lump is drawn, but pictures offered that it can draw", async ({
  app,
  page,
}) => {
  await app.open({ steps: 3 });
  await app.ready();
  await app.prompt.fill("Lamborghini");
  await app.generate.click();
  const ideas = page.getByRole("region", { name: "Ideas" });
  await expect(ideas.getByRole("button")).toHaveCount(2);
  await expect(ideas.getByRole("link", { name: "A larger model" })).toBeVisible();
  await expect(app.picture).toHaveCount(0);
  await expect(app.failure).toHaveCount(0);
  await ideas.getByRole("button", { name: "a dog" }).click();
  await expect(app.picture).toBeVisible();
  await expect(app.prompt).toHaveValue("a dog");
  await expect(ideas).toHaveCount(0);
});

test("Generate with an empty box draws an idea, and shows it", async ({ app, page }) => {
  await app.open({ steps: 3 });
  await app.ready();
  await app.generate.click();
  await expect(app.picture).toBeVisible();
  await expect(app.prompt).toHaveValue(/^a (red (cat|dog)|cat on the dog|dog on the cat)$/);
  await page.keyboard.press("Control+z");
  await expect(app.prompt).toHaveValue("");
});

test("a surprise is made of words it knows, and one's own words come back", async ({ app, page }) => {
  await app.open({ prompt: "the cat" });
  await app.ready();
  const surprise = page.getByRole("button", { name: "Surprise me" });
  const seen = new Set<string>();
  for (let i = 0; i < 5; i++) {
    await surprise.click();
    seen.add(await app.prompt.inputValue());
  }
  for (const prompt of seen) expect(prompt).toMatch(/^a (red (cat|dog)|cat on the dog|dog on the cat)$/);
  expect(seen.size).toBeGreaterThan(1);
  await page.getByRole("button", { name: "Back to “the cat”" }).click();
  await expect(app.prompt).toHaveValue("the cat");
});

test("what a press did to the prompt, Ctrl+Z takes back, press by press", async ({ app, page }) => {
  await app.open({ prompt: "the cat", negativePrompt: "a dog", seed: "7", steps: 3 });
  await app.ready();
  await page.getByRole("button", { name: "Surprise me" }).click();
  await expect(app.prompt).not.toHaveValue("the cat");
  await page.keyboard.press("Control+z");
  await expect(app.prompt).toHaveValue("the cat");
  await page.getByRole("button", { name: "a red cat", exact: true }).click();
  await expect(app.picture).toBeVisible();
  await expect(app.prompt).toHaveValue("a red cat");
  await app.prompt.focus();
  await page.keyboard.press("Control+z");
  await expect(app.prompt).toHaveValue("the cat");
  await app.prompt.press("End");
  await page.keyboard.type("s");
  await page.keyboard.press("Control+z");
  await expect(app.prompt).toHaveValue("the cat");
});

test("its words can be searched, and one that is pressed joins the prompt", async ({ app, page }) => {
  await app.open({ prompt: "a" });
  await app.ready();
  await page.getByRole("button", { name: "Words it knows" }).click();
  const dialog = page.getByRole("dialog", { name: "What Small knows" });
  await expect(dialog.getByRole("heading", { level: 3 })).toHaveText([
    "nouns",
    "plurals",
    "colours",
    "styles",
    "synonyms",
    "words",
  ]);
  await dialog.getByRole("textbox", { name: "Find a word" }).fill("kit");
  await expect(dialog.getByRole("listitem")).toHaveCount(1);
  await dialog.getByRole("button", { name: "kitten" }).click();
  await expect(app.prompt).toHaveValue("a kitten");
});
