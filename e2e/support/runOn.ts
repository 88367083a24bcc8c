/** Where pictures are computed, as a person chooses it. */

import type { Page } from "@playwright/test";

export async function runOn(page: Page, choice: "Automatic" | "WebGPU" | "Processor"): Promise<void> {
  const group = page.getByRole("group", { name: "Run on" });
  if (!(await group.isVisible())) await page.getByText("More settings").click();
  await group.getByRole("radio", { name: choice }).check();
}
