import { expect } from "@playwright/test";
import { test } from "../support/app";
import { enginesIn } from "../support/ortBuilds";
import { OLDER_BROWSER, runFirstInWorkers } from "../support/prelude";

test("without a GPU the smallest engine is fetched, and no other", async ({ app, site }) => {
  await app.open({ backend: "auto" });
  expect(await app.ready()).toContain("processor");
  await app.make("a red cat");
  expect(enginesIn(site.requested)).toEqual(["plain"]);
});

test("so it is in an older browser", async ({ app, site }) => {
  runFirstInWorkers(site, OLDER_BROWSER);
  await app.open();
  await app.ready();
  await app.make("a red cat");
  expect(enginesIn(site.requested)).toEqual(["plain"]);
});
