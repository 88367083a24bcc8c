import { defineConfig } from "@playwright/test";
import { BROWSER_ARGS, findBrowser } from "./scripts/browser.mjs";

const browser = findBrowser();

/** Pictures are made on two cores, which may have other work: few tests at a time, and time enough for each condition. */
export default defineConfig({
  testDir: "e2e",
  globalSetup: "./scripts/testSites.ts",
  workers: 2,
  retries: 0,
  timeout: 600_000,
  expect: { timeout: 180_000 },
  forbidOnly: true,
  reporter: "list",
  use: {
    viewport: { width: 1280, height: 800 },
    trace: "off",
  },
  projects: [
    { name: "wasm", testIgnore: /webgpu/i, use: { launchOptions: launch([]) } },
    // A software adapter where there is no GPU: right, and a hundred times slower than wasm.
    {
      name: "webgpu",
      testMatch: /webgpu/i,
      use: { launchOptions: launch(["--enable-unsafe-webgpu"]) },
    },
  ],
});

function launch(args: readonly string[]) {
  return { args: [...BROWSER_ARGS, ...args], ...(browser === null ? {} : { executablePath: browser }) };
}
