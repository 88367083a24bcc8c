/** The rules that every state of the page keeps. */

import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const DESKTOP = { width: 1280, height: 800 };
/** The narrowest that WCAG 2.2 asks for (success criterion 1.4.10). */
const PHONE = { width: 320, height: 640 };

/** Every rule in both themes and both widths, and nothing to scroll sideways on a phone. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    expect(found, `${state}, ${colorScheme}`).toEqual([]);
  }
  await page.setViewportSize(PHONE);
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  expect(
    violations.map(({ id }) => id),
    `${state}, phone`,
  ).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth), `${state}, phone`).toBe(
    PHONE.width,
  );
  await page.setViewportSize(DESKTOP);
}
