import { expect, type Page } from "@playwright/test";
import { test } from "../support/app";

/** Drops a file on the page, as its body's own bytes; true if the browser was kept from opening it. */
const dropFile = (page: Page, name: string, base64: string) =>
  page.evaluate(
    ([fileName, text]) => {
      const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], fileName));
      const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer });
      return !document.body.dispatchEvent(event);
    },
    [name, base64] as const,
  );

test("a picture that is dropped gives its recipe, anything else says what can be dropped, and neither is opened", async ({
  app,
  page,
}) => {
  await app.open({ seed: "5", steps: 3 });
  await app.ready();
  await app.make("a red cat");
  const base64 = await app.picture.evaluate(async (image: HTMLImageElement) => {
    const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  });
  await app.prompt.fill("something else");
  await app.slider("Steps").fill("7");
  expect(await dropFile(page, "cat.png", base64)).toBe(true);
  await expect(page.getByText("The picture’s recipe is in the settings.")).toBeVisible();
  await expect(app.prompt).toHaveValue("a red cat");
  await expect(app.slider("Steps")).toHaveValue("3");
  await expect(page.locator(".changed")).toContainText("seed");
  expect(await dropFile(page, "notes.txt", btoa("hello"))).toBe(true);
  await expect(page.getByText(/“notes\.txt” is no PNG picture\. Drop a PNG picture/)).toBeVisible();
  await expect(app.prompt).toHaveValue("a red cat");
});
