import { statSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import { site, test } from "../support/app";
import { expectAccessible } from "../support/axe";
import { type FakeHub, startHub } from "../support/fakeHub";

const FOLDER = "src/runtime/__fixtures__/small";
const UNET = "unet/diffusion_pytorch_model.safetensors";

/** The parts of the view by what they are called. */
function viewOf(page: Page) {
  const entry = (name: string): Locator =>
    page
      .getByRole("region", { name: "On this device" })
      .getByRole("listitem")
      .filter({ has: page.getByRole("heading", { name, exact: true }) });
  return {
    entry,
    field: page.getByRole("textbox", { name: /^Hugging Face repository/ }),
    lookUp: page.getByRole("button", { name: "Look it up" }),
    plan: page.getByRole("region", { name: /^Fetch .*\?$/ }),
    folder: page.locator("input[webkitdirectory]"),
    button: (name: string) => page.getByRole("button", { name, exact: true }),
  };
}

/** Anything that a reload would wipe out. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(window, { isSameVisit: true }));
}

const isSameVisit = (page: Page) => page.evaluate(() => "isSameVisit" in window);

async function toModels(page: Page): Promise<void> {
  await page
    .getByRole("banner")
    .getByRole("link", { name: /models$/i })
    .click();
  await expect(page.getByRole("heading", { level: 1, name: "Models" })).toBeFocused();
}

const notices = (page: Page) => page.getByRole("region", { name: "Notices" });

const toStudio = (page: Page) => page.getByRole("link", { name: "Back to the studio" }).click();

test("what is here, what storage is taken, and what could be, each with its size, its licence and whether it runs here", async ({
  app,
  page,
}) => {
  await app.open();
  await app.ready();
  await toModels(page);
  await expect(page).toHaveTitle("Models · Afterimage");
  const { entry } = viewOf(page);
  await expect(entry("Small")).toContainText("In use. Runs on: processor");
  await expect(entry("Small")).toContainText("MIT");
  const storage = page.getByRole("region", { name: "Storage" });
  await expect(storage).toContainText(/\d (kB|MB|GB) kept in this browser(\.|, room for .+ more)/);
  await storage.getByRole("button", { name: "Ask it not to" }).click();
  await expect(storage).toContainText(/will not clear it|has not promised/);
  const offers = page.getByRole("region", { name: "Worth fetching" }).getByRole("listitem");
  await expect.poll(() => offers.count()).toBeGreaterThan(5);
  for (const offer of await offers.all()) {
    await expect(offer).toContainText(/\d (MB|GB)/);
    await expect(offer).toContainText(
      /Runs here|Slow here|Will not run here|not in this version|Draws no pictures itself/,
    );
  }
  const turbo = offers.filter({ has: page.getByRole("heading", { name: "SDXL-Turbo" }) });
  await expect(turbo).toContainText("Non-commercial use only.");
  await toStudio(page);
  await expect(page.getByRole("link", { name: "Small: models" })).toBeFocused();
});

test("a folder of the disk is read where it lies, draws without a reload, and the way back is one press", async ({
  app,
  page,
}) => {
  await app.open({ prompt: "a dog and a zebra", seed: "1", steps: 3 });
  await app.ready();
  await mark(page);
  await app.make("a dog and a zebra");
  await expect(page.locator(".prompt-notes")).toHaveText("Draws: a dog");
  await expect(page.getByRole("button", { name: "Words it knows" })).toBeVisible();
  await toModels(page);
  const { folder, entry, button } = viewOf(page);
  await folder.setInputFiles(FOLDER);
  await expect(page.getByRole("region", { name: "Chosen: small" })).toContainText(/kB|MB/);
  await button("Use from disk").click();
  await expect(entry("small")).toContainText("In use. Runs on: processor");
  await expect(entry("small")).toContainText("Read where it lies");
  await page.getByRole("link", { name: "Draw with it: small" }).click();
  await expect(page.getByRole("link", { name: "small: models" })).toBeVisible();
  await expect(page.locator(".prompt-notes")).toHaveText("");
  await expect(page.getByRole("button", { name: "Words it knows" })).toHaveCount(0);
  await expect(app.slider("Steps")).not.toHaveValue("3");
  await app.slider("Steps").fill("2");
  const picture = await app.make("a dog and a zebra");
  expect(picture.text).toContain("Model: small");
  const recent = page.getByRole("list", { name: "Pictures of this visit" });
  await expect(recent.getByRole("img", { name: /^Small, seed 1/ })).toBeVisible();
  await expect(recent.getByRole("img", { name: /^small, seed/ })).toBeVisible();

  await toModels(page);
  await button("Use Small").click();
  await expect(entry("Small")).toContainText("In use");
  await expect(entry("small")).toHaveCount(0);
  await toStudio(page);
  await expect(app.slider("Steps")).toHaveValue("4");
  expect((await app.make("a dog")).text).toContain("Model: Small");
  expect(await isSameVisit(page)).toBe(true);
});

test.describe("a hub", () => {
  let hub: FakeHub;
  test.beforeEach(async () => {
    // The largest file comes in drops until it has been interrupted once.
    hub = await startHub("tests/small", FOLDER, (path, time) =>
      path === UNET && time === 1 ? { dripMs: 60 } : {},
    );
  });
  test.afterEach(() => hub.stop());
  test.use(site({ expected: [/net::ERR_|Failed to load resource/] }));

  test("a repository is planned, fetched, paused, resumed, used, there after a reload without the hub, verified and deleted", async ({
    app,
    page,
  }) => {
    test.slow();
    await app.open({ hubUrl: hub.url, seed: "1" });
    await app.ready();
    await toModels(page);
    const { field, lookUp, plan, entry, button } = viewOf(page);
    await field.fill(`${hub.url}/tests/small`);
    await lookUp.click();
    await expect(plan).toContainText("MIT");
    await expect(plan).toContainText(/Room.*(free in this browser|The browser does not say)/);
    expect(hub.server.timesAsked(`tests/small/resolve/main/${UNET}`)).toBe(0);
    await plan.getByRole("button", { name: /^Fetch \d/ }).click();
    await expect(entry("small").getByRole("progressbar")).toBeVisible();
    await expect(entry("small").getByRole("heading")).toBeFocused();
    await expect(entry("small")).toContainText(/Fetching: .+ of .+, .+\/s, .+ left/);
    await button("Pause small").click();
    await expect(entry("small")).toContainText("Paused.");
    await expect(button("Use small")).toHaveCount(0);
    await button("Resume small").click();
    await expect(entry("small")).toContainText("Fetched, and every byte of it verified.");
    const ranges = hub.server.seen.filter(({ path }) => path.endsWith(UNET)).map(({ range }) => range);
    expect(ranges).toEqual([null, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    await button("Use small").click();
    await expect(entry("small")).toContainText("In use.");

    await hub.stop();
    await page.goto(app.url);
    await app.ready();
    await expect(page.getByRole("link", { name: "small: models" })).toBeVisible();
    expect((await app.make("a cat")).text).toContain("Model: small");
    await toModels(page);
    await button("Verify small").click();
    await expect(entry("small")).toContainText("Every byte is what it should be.");
    await button("Delete small").click();
    await expect(button("Keep")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(button("Delete small")).toBeFocused();
    await page.keyboard.press("Enter");
    await button("Delete").click();
    await expect(entry("small")).toHaveCount(0);
    await expect(entry("Small")).toContainText("In use.");
    await expect(notices(page)).toContainText("The model that was in use is deleted");
  });

  test("a model that is gone at the next visit is told of, and the bundled model draws", async ({
    app,
    page,
  }) => {
    await app.open({ hubUrl: hub.url, keptModelId: "nothing of that name", seed: "1" });
    await app.ready();
    await expect(notices(page)).toContainText("The model used last could not be opened");
    expect((await app.make("a cat")).text).toContain("Model: Small");
    await page.reload();
    await app.ready();
    await expect(notices(page).getByText("The model used last")).toHaveCount(0);
  });

  test("what cannot be had says why beside the field, and what cannot run says so beside its entry", async ({
    app,
    page,
  }) => {
    await app.open({ hubUrl: hub.url });
    await app.ready();
    await toModels(page);
    const { field, folder, entry, button } = viewOf(page);
    await field.fill("https://example.org/model.ckpt");
    await field.press("Enter");
    await expect(page.getByText(/pickles.*can run code/)).toBeVisible();
    await field.fill("tests/nothing");
    await field.press("Enter");
    await expect(page.getByRole("alert")).toContainText("It cannot be fetched.");
    await expectAccessible(page, "a repository that is not there");
    await page.getByRole("main").getByRole("button", { name: "Dismiss", exact: true }).click();
    await folder.setInputFiles("src/runtime/__fixtures__/bf16");
    await button("Use from disk").click();
    await expect(entry("bf16").getByRole("alert")).toBeVisible();
    await expectAccessible(page, "a folder that is no model");
    await expect(entry("bf16").getByRole("alert")).toContainText("The model before draws on.");
    await expect(entry("Small")).toContainText("In use.");
    await entry("bf16").getByRole("button", { name: "Dismiss" }).click();
    await expect(entry("bf16")).toHaveCount(0);
    await toStudio(page);
    await app.make("a red cat");
  });

  test("the view is accessible in every state, in light and dark, on a desk and on a phone", async ({
    app,
    page,
  }) => {
    test.slow();
    await app.open({ hubUrl: hub.url });
    await app.ready();
    await toModels(page);
    const { field, plan, folder, entry, button } = viewOf(page);
    await expect(page.getByRole("region", { name: "Worth fetching" })).toBeVisible();
    await expectAccessible(page, "models");
    await page.locator("summary", { hasText: "More" }).click();
    await field.fill("tests/small");
    await field.press("Enter");
    await expect(plan.getByRole("heading")).toBeFocused();
    await folder.setInputFiles(FOLDER);
    await expect(page.getByRole("region", { name: "Chosen: small" })).toBeVisible();
    await expectAccessible(page, "a plan, and a folder that was chosen");
    await plan.getByRole("button", { name: /^Fetch \d/ }).click();
    await expect(entry("small")).toContainText(/Fetching/);
    await button("Pause small").click();
    await expect(entry("small")).toContainText("Paused.");
    await expectAccessible(page, "paused");
    await button("Delete small").click();
    await expectAccessible(page, "asked whether to delete");
  });
});

test("a copy of a folder is kept and exported as it was, and a file that could run code is not taken", async ({
  app,
  page,
}) => {
  // No test can press the buttons of a picker; what it gives is a folder like this one.
  await page.addInitScript(() => {
    Object.assign(window, {
      showDirectoryPicker: async () =>
        (await navigator.storage.getDirectory()).getDirectoryHandle("exported", { create: true }),
    });
  });
  await app.open();
  await app.ready();
  await toModels(page);
  const { folder, entry, button } = viewOf(page);
  await folder.setInputFiles(FOLDER);
  await button("Keep a copy").click();
  await expect(button("Use small")).toBeVisible();
  await expect(entry("small")).toContainText("Copied from your disk");
  await button("Export small").click();
  await expect(entry("small")).toContainText("Exported.");
  expect(await exportedBytes(page)).toBe(statSync(`${FOLDER}/${UNET}`).size);
  await drop(page, "old.ckpt");
  await expect(page.getByRole("alert")).toContainText("can run code");
  await drop(page, "cut.safetensors");
  await expect(page.getByRole("alert")).toContainText(
    "“cut.safetensors” is no whole safetensors file: it has 3 bytes",
  );
  await drop(page, "dream.safetensors", [2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]);
  await expect(page.getByRole("region", { name: "Chosen: dream" })).toBeVisible();
});

/** Size of the U-Net's weights among what was exported; they lie in the folder of the model. */
function exportedBytes(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const sizes: number[] = [];
    const visit = async (folder: FileSystemDirectoryHandle): Promise<void> => {
      for await (const handle of folder.values()) {
        if (handle.kind === "directory") await visit(handle as FileSystemDirectoryHandle);
        else if (handle.name === "diffusion_pytorch_model.safetensors" && folder.name === "unet")
          sizes.push((await (handle as FileSystemFileHandle).getFile()).size);
      }
    };
    await visit(await (await navigator.storage.getDirectory()).getDirectoryHandle("exported"));
    return sizes[0] ?? 0;
  });
}

/** Drops a file somewhere on the page, of three bytes unless others are given. */
async function drop(page: Page, name: string, bytes: readonly number[] = [0, 0, 0]): Promise<void> {
  const file = { name, bytes };
  const data = await page.evaluateHandle((dropped) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(dropped.bytes)], dropped.name));
    return transfer;
  }, file);
  const main = page.getByRole("main");
  for (const event of ["dragenter", "dragover", "drop"])
    await main.dispatchEvent(event, { dataTransfer: data });
}
