import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "@playwright/test";
import { SITE_HEADERS } from "../../scripts/headers";
import { SMALL_SITE_FOLDER } from "../../scripts/testSites";
import { site, test } from "../support/app";

const BUDGET_BYTES = 200 * 1024;
const read = (name: string): Buffer => readFileSync(join(SMALL_SITE_FOLDER, name));

/** Width and height that a PNG file declares (W3C PNG, 11.2.1). */
function pngSize(file: Buffer): string {
  expect(file.subarray(1, 4).toString()).toBe("PNG");
  return `${file.readUInt32BE(16)}x${file.readUInt32BE(20)}`;
}

/** The page's own scripts: what index.html names, and all that those import; the worker is started, not imported. */
function pageScripts(): string[] {
  const html = read("index.html").toString();
  const found = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, name]) => name ?? "");
  for (const name of found) {
    const imports = read(name)
      .toString()
      .matchAll(/(?:from|import\(?)\s*["'`]\.\/([^"'`]+\.js)["'`]/g);
    for (const [, file] of imports) if (!found.includes(`assets/${file}`)) found.push(`assets/${file}`);
  }
  return found;
}

test("the manifest says what it must, and every picture in it is there at its size", () => {
  const manifest = JSON.parse(read("manifest.webmanifest").toString());
  expect(manifest).toMatchObject({
    id: "./",
    name: "Afterimage",
    short_name: "Afterimage",
    start_url: "./",
    scope: "./",
    display: "standalone",
    categories: expect.arrayContaining(["graphics"]),
  });
  expect(manifest.description.length).toBeLessThan(300);
  const html = read("index.html").toString();
  expect(html).toContain(`name="theme-color" content="${manifest.theme_color}"`);
  expect(html).toMatch(/rel="apple-touch-icon" href="\.\/icons\/apple-touch-180\.png"/);
  expect(pngSize(read("icons/apple-touch-180.png"))).toBe("180x180");
  for (const { src, sizes, type } of [...manifest.icons, ...manifest.screenshots]) {
    if (type === "image/png") expect(pngSize(read(src)), src).toBe(sizes);
    else expect(read(src).toString(), src).toContain("<svg");
  }
  const purposes = manifest.icons.map(({ sizes, purpose }: Record<string, string>) => `${sizes} ${purpose}`);
  expect(purposes).toEqual(expect.arrayContaining(["192x192 any", "512x512 any", "512x512 maskable"]));
  const forms = manifest.screenshots.map(({ form_factor }: Record<string, string>) => form_factor);
  expect(forms.sort()).toEqual(["narrow", "wide"]);
});

test("the page's scripts weigh at most 200 KiB gzipped, and ONNX Runtime is in none of them", () => {
  const scripts = pageScripts();
  expect(scripts.length).toBeGreaterThan(0);
  const weights = scripts.map((name) => gzipSync(read(name)).length);
  expect(weights.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(BUDGET_BYTES);
  for (const name of scripts) expect(read(name).toString(), name).not.toMatch(/InferenceSession|ort-wasm/i);
});

test("the shell that is fetched at install is small, and holds no engine and no model", async ({
  app,
  page,
  site: host,
}) => {
  await app.open();
  await app.ready();
  const precached = () =>
    page.evaluate(async () => {
      const names = (await caches.keys()).filter((name) => name.includes("precache"));
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return requests.flat().map(({ url }) => new URL(url).pathname);
    });
  await expect.poll(async () => (await precached()).length).toBeGreaterThan(5);
  const paths = await precached();
  expect(paths).toContain("/index.html");
  expect(paths.filter((path) => /\.wasm$|^\/models\/|\/ort/.test(path))).toEqual([]);
  const bytes = paths.reduce((sum, path) => sum + read(path.slice(1)).length, 0);
  expect(bytes).toBeLessThan(1.5 * 2 ** 20);
  expect(host.requested.filter((name) => /\.wasm$/.test(name)).length).toBeGreaterThan(0);
  expect(new Set(host.requested.filter((name) => /\.wasm$/.test(name))).size, "one engine, not both").toBe(1);
});

test("hosts that read a headers file find every header in it", () => {
  const lines = read("_headers").toString().trim().split("\n");
  const headers = Object.entries(SITE_HEADERS).map(([name, value]) => `  ${name}: ${value}`);
  expect(lines).toEqual(["/*", ...headers]);
});

test.describe("the policy", () => {
  test.use(
    site({
      host: { withHeaders: false, base: "/" },
      expected: [/Content Security Policy|Fetch API cannot load/],
    }),
  );

  test("lets in no foreign script, no evaluated text and nothing unencrypted from elsewhere, even without headers", async ({
    app,
    page,
  }) => {
    await app.open();
    await app.ready();
    const outcome = await page.evaluate(async () => {
      const violated: string[] = [];
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
        violated.push(effectiveDirective),
      );
      const script = document.createElement("script");
      script.textContent = "globalThis.injected = true";
      document.head.append(script);
      const fetched = await fetch("http://example.com/").then(
        () => "came",
        () => "blocked",
      );
      // In a later task: the one that a debugger starts may evaluate what it likes.
      const evaluated = await new Promise((resolve) => {
        setTimeout(() => {
          try {
            resolve(new Function("return 'ran'")());
          } catch {
            resolve("blocked");
          }
        });
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { violated: violated.sort(), injected: "injected" in globalThis, fetched, evaluated };
    });
    expect(outcome).toEqual({
      violated: ["connect-src", "script-src", "script-src-elem"],
      injected: false,
      fetched: "blocked",
      evaluated: "blocked",
    });
  });
});
