import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { bundledModels } from "./scripts/bundledModels.ts";
import { SITE_HEADERS, siteHeaders } from "./scripts/headers.ts";
import { webManifest } from "./scripts/webManifest.ts";
import { ISOLATION_HEADERS } from "./src/serviceWorker/isolated.ts";

/** Another model may be put in the box, which is how the tests build a site around a very small one. */
const {
  AFTERIMAGE_MODEL: model = "models/tinyworld",
  AFTERIMAGE_GRAPHS: graphs = "models/graphs/tinyworld",
  AFTERIMAGE_OUT: outDir = "dist",
} = process.env;

const bundle = { model, graphs, library: "models" };

/** How long each plugin took is no news to whoever builds. */
const QUIET = { checks: { pluginTimings: false } };

export default defineConfig({
  base: "./",
  // A missing file is a 404, never the page in its place.
  appType: "mpa",
  plugins: [
    react(),
    bundledModels(bundle),
    siteHeaders(),
    VitePWA({
      strategies: "injectManifest",
      filename: "sw.js",
      registerType: "prompt",
      injectRegister: false,
      manifest: webManifest,
      injectManifest: {
        // The whole build is listed; src/serviceWorker decides what is fetched at once and what after first use.
        globPatterns: ["**/*"],
        globIgnores: ["sw.js", "_headers", "screenshots/**", "icons/*-512.png"],
        maximumFileSizeToCacheInBytes: 2 ** 30,
        dontCacheBustURLsMatching: /^(assets|models)\//,
        rollupFormat: "iife",
      },
      integration: {
        configureCustomSWViteBuild(inline) {
          if (inline.build?.lib) inline.build.lib.entry = "src/serviceWorker/main.ts";
          inline.logLevel = "warn";
        },
      },
    }),
  ],
  worker: {
    format: "es",
    plugins: () => [bundledModels(bundle)],
    rolldownOptions: QUIET,
  },
  build: {
    target: "es2023",
    outDir,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: QUIET,
  },
  // The worker's packages too, so that the first page of a day's work is not reloaded when they are found.
  optimizeDeps: { entries: ["index.html", "src/worker/main.ts"] },
  server: { headers: ISOLATION_HEADERS },
  preview: { port: 5173, headers: SITE_HEADERS },
});
