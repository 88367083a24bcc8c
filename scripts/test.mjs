/** `npm test`: installs what is missing, a browser included, runs every check and test, and sums what passed and failed. */

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findBrowser } from "./browser.mjs";
import { ensurePackages, ensureSite, ROOT, run, runTool } from "./setup.mjs";

const RESULTS = join(ROOT, "node_modules/.tmp");
const UNIT_RESULTS = join(RESULTS, "unit.json");
const BROWSER_RESULTS = join(RESULTS, "browser.json");

ensurePackages();
mkdirSync(RESULTS, { recursive: true });

const totals = { passed: 0, failed: 0 };

/** A check that passes or fails as a whole. */
function check(name, passes) {
  console.log(`\n== ${name}`);
  const passed = passes();
  count(name, passed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
}

/** A runner that writes what it did to `results`; one that says nothing, or fails without naming a failure, is one failure. */
function tests(name, results, runs, read) {
  console.log(`\n== ${name}`);
  rmSync(results, { force: true });
  const succeeded = runs();
  count(name, { ...withUnnamed(succeeded, readResults(results, read)) });
}

function readResults(results, read) {
  try {
    return read(JSON.parse(readFileSync(results, "utf8")));
  } catch (error) {
    console.error(`No results came: ${error.message}`);
    return { passed: 0, failed: 0 };
  }
}

function withUnnamed(succeeded, { passed, failed }) {
  const isUnnamed = failed === 0 && (!succeeded || passed === 0);
  return { passed, failed: isUnnamed ? 1 : failed };
}

function count(name, { passed, failed }) {
  totals.passed += passed;
  totals.failed += failed;
  console.log(`${name}: ${passed} passed, ${failed} failed`);
}

/** A file that could not even be read counts as a failed test, and so does a test that did not run. */
function readVitest({ numTotalTests, numPassedTests, testResults }) {
  const unread = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  return { passed: numPassedTests, failed: numTotalTests - numPassedTests + unread.length };
}

function readPlaywright({ stats, errors }) {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + stats.skipped + errors.length };
}

/** Playwright's own if its host can be reached, else Debian's, for which one must be root. */
function ensureBrowser() {
  if (findBrowser() !== null) return true;
  console.log("\n== Installing a browser");
  runTool("@playwright/test/cli.js", ["install", "chromium"], { timeoutMs: 300_000 });
  if (findBrowser() !== null) return true;
  if (process.platform === "linux" && process.getuid() === 0) {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    run("apt-get", ["update", "-qq"], { env, quiet: true });
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { env, quiet: true });
  }
  if (findBrowser() !== null) return true;
  console.error(
    "No browser could be found or installed: install Chrome, Chromium or Edge, or set CHROME_PATH to one.",
  );
  return false;
}

check("types", () => runTool("typescript/bin/tsc", ["-b"]));
check("style", () => runTool("@biomejs/biome/bin/biome", ["check"]));
check("imports", () => runTool("dependency-cruiser/bin/dependency-cruise.mjs", ["src"]));
check("dead code", () => runTool("knip/bin/knip.js", []));
tests(
  "unit tests",
  UNIT_RESULTS,
  () => {
    const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${UNIT_RESULTS}`];
    return runTool("vitest/vitest.mjs", ["run", ...reporters]);
  },
  readVitest,
);
check("build", () => ensureSite());
check("browser", ensureBrowser);
tests(
  "browser tests",
  BROWSER_RESULTS,
  () =>
    runTool("@playwright/test/cli.js", ["test", "--reporter=list,json"], {
      env: { PLAYWRIGHT_JSON_OUTPUT_NAME: BROWSER_RESULTS },
    }),
  readPlaywright,
);

console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;
