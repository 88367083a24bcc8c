/** A Chromium to test in: one that is here, or none. Plain Node, so that it runs before anything is installed. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

const isRoot = process.getuid?.() === 0;

/** Arguments that keep a browser quiet; the sandbox refuses to start for root. */
export const BROWSER_ARGS = [
  ...(isRoot ? ["--no-sandbox"] : []),
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
  "--no-first-run",
];

const NAMES = [
  "google-chrome",
  "google-chrome-stable",
  "chromium",
  "chromium-browser",
  "microsoft-edge",
  "microsoft-edge-stable",
];
const MAC_APPS = ["Google Chrome", "Chromium", "Microsoft Edge"];
const WINDOWS_APPS = ["Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe"];

/** @returns {string | null} path of a Chromium, Chrome or Edge that starts, `CHROME_PATH` before all others. */
export function findBrowser() {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH) return CHROME_PATH;
  return [...installed(), ...playwrights()].find((path) => existsSync(path) && starts(path)) ?? null;
}

/** @returns {string[]} where systems put browsers. */
function installed() {
  const { PATH = "", PROGRAMFILES, LOCALAPPDATA, "PROGRAMFILES(X86)": programFiles86 } = process.env;
  if (process.platform === "darwin")
    return MAC_APPS.map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`);
  if (process.platform === "win32") {
    const roots = [PROGRAMFILES, programFiles86, LOCALAPPDATA].filter((root) => root !== undefined);
    return roots.flatMap((root) => WINDOWS_APPS.map((app) => join(root, app)));
  }
  const folders = [...PATH.split(delimiter), "/usr/bin", "/snap/bin"];
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** @returns {string[]} Playwright's own, if Playwright is installed. */
function playwrights() {
  try {
    return [createRequire(import.meta.url)("playwright-core").chromium.executablePath()];
  } catch {
    // Not installed yet: then it has no browser either.
    return [];
  }
}

/** @param {string} path @returns {boolean} false for one whose libraries are missing. On Windows asking would open a window. */
function starts(path) {
  if (process.platform === "win32") return true;
  return spawnSync(path, ["--version", ...BROWSER_ARGS], { stdio: "ignore", timeout: 30_000 }).status === 0;
}
