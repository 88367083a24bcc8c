/** What both commands need before they can begin: Node, the packages of the lock file, a build. No dependencies. */

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

const OLDEST_NODE = [20, 19];

/** Ends with one sentence: what was wanted, what came, what to do. */
export function giveUp(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** Runs a program to its end. @returns {boolean} whether it succeeded. */
export function run(program, args, { env = {}, quiet = false, timeoutMs } = {}) {
  const { status } = spawnSync(program, args, {
    cwd: ROOT,
    stdio: ["ignore", quiet ? "ignore" : "inherit", quiet ? "ignore" : "inherit"],
    env: { ...process.env, ...env },
    timeout: timeoutMs,
  });
  return status === 0;
}

/** Runs a program that a package brings. */
export function runTool(packageBin, args, options) {
  return run(process.execPath, [join(ROOT, "node_modules", packageBin), ...args], options);
}

/** Installs the packages of the lock file, unless just those are there. */
export function ensurePackages() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    giveUp(
      `Node ${OLDEST_NODE.join(".")} or newer is needed, and this is ${process.versions.node}: install it from nodejs.org.`,
    );
  }
  const installed = join(ROOT, "node_modules/.package-lock.json");
  if (
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(join(ROOT, "package-lock.json")).mtimeMs
  )
    return;
  console.log("Installing packages (once; about a minute) ...");
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const { npm_execpath: npm } = process.env;
  const done = npm?.endsWith(".js") ? run(process.execPath, [npm, ...args]) : run("npm", args);
  if (!done)
    giveUp(
      "The packages of package-lock.json could not be installed: connect to the npm registry and run this again.",
    );
}

/** Everything that the site is made of. */
const SOURCES = [
  "src",
  "public",
  "scripts",
  "models/tinyworld",
  "models/graphs",
  "models/published",
  "models/catalogue.json",
  "index.html",
  "vite.config.ts",
  "package-lock.json",
];

/** Builds the site, unless the one that is there is newer than all that it is made of. @returns {boolean} whether there is one. */
export function ensureSite({ folder = "dist", env = {} } = {}) {
  const built = join(ROOT, folder, "sw.js");
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...SOURCES.map(newestMs))) return true;
  console.error(`Building the site into ${folder} ...`);
  return runTool("vite/bin/vite.js", ["build", "--logLevel", "warn"], {
    env: { ...env, AFTERIMAGE_OUT: folder },
  });
}

/** When the newest file at or under `path` was written; 0 if there is none. */
function newestMs(path) {
  const full = join(ROOT, path);
  if (!existsSync(full)) return 0;
  const own = statSync(full);
  if (!own.isDirectory()) return own.mtimeMs;
  return Math.max(own.mtimeMs, ...readdirSync(full).map((name) => newestMs(join(path, name))));
}
