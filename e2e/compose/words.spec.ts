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
  await page.keyboard.type("a red ca");
  await expect(options(page).first()).toBeVisible();
  await app.generate.click({ timeout: 5_000 });
  await expect(app.picture).toBeVisible();
  await expect(app.prompt).toHaveValue("a red ca");
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

test("an unknown word is underlined, and the nearest known one is a press away", async ({ app, page }) => {
  await app.open();
  await app.ready();
  await app.prompt.fill("a red cta on a dgo");
  await app.prompt.blur();
  await expect(page.locator(".prompt-mirror mark")).toHaveText(["cta", "dgo"]);
  await page.getByRole("button", { name: "Replace “cta” by “cat”" }).click();
  await expect(app.prompt).toHaveValue("a red cat on a dgo");
  const other = page.getByRole("button", { name: "Replace “dgo” by “dog”" });
  await other.focus();
  await page.keyboard.press("Enter");
  await expect(app.prompt).toHaveValue("a red cat on a dog");
  await expect(app.prompt).toBeFocused();
  await expect(page.locator(".prompt-mirror mark")).toHaveCount(0);
});

test("the beginning of a known word is not called unknown while it is typed", async ({ app, page }) => {
  await app.open();
  await app.ready();
  await app.prompt.click();
  await page.keyboard.type("a kitt");
  await expect(options(page)).toHaveCount(1);
  await expect(page.locator(".tokens")).not.toHaveText(/^[01]\/75/);
  await expect(page.locator(".prompt-mirror mark")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(page.locator(".prompt-mirror mark")).toHaveText(["kitt"]);
});

test("a surprise is made of words it knows, and one's own words come back", async ({ app, page }) => {
  await app.open({ prompt: "my own words" });
  await app.ready();
  const surprise = page.getByRole("button", { name: "Surprise me" });
  const seen = new Set<string>();
  for (let i = 0; i < 5; i++) {
    await surprise.click();
    seen.add(await app.prompt.inputValue());
  }
  for (const prompt of seen) expect(prompt).toMatch(/^a (red (cat|dog)|cat on the dog|dog on the cat)$/);
  expect(seen.size).toBeGreaterThan(1);
  await page.getByRole("button", { name: "Back to “my own words”" }).click();
  await expect(app.prompt).toHaveValue("my own words");
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
