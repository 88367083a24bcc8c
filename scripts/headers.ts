/** The headers that the built site asks of a host: isolation for threads, and a policy that runs nothing but the site's own. */

import type { Plugin } from "vite";
import { ISOLATION_HEADERS } from "../src/serviceWorker/isolated.ts";

/**
 * `'wasm-unsafe-eval'` lets WebAssembly compile and no text be evaluated. `blob:` in connect-src is how ONNX
 * Runtime reads weights without a copy; in img-src it is the finished picture. `https:` there is because a person may
 * fetch a model from any hub, mirror or address, which answers with a redirect to hosts that nobody can list
 * beforehand; `http:` is let out to this machine alone, for mirrors that run on it. Bytes that come so are checked
 * before use and are never run: scripts, workers, styles and pictures come from the site itself only.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self' blob: https: http://127.0.0.1:* http://localhost:*",
  "img-src 'self' blob: data:",
  "style-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
];

/** The same policy where it may be said in a header, which alone can forbid framing. */
export const SITE_HEADERS = {
  ...ISOLATION_HEADERS,
  "Content-Security-Policy": [...POLICY, "frame-ancestors 'none'"].join("; "),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
} as const;

/** Writes the policy into the built page, and `_headers` for hosts that read one. */
export function siteHeaders(): Plugin {
  return {
    name: "afterimage-site-headers",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: POLICY.join("; ") },
        injectTo: "head-prepend",
      },
    ],
    generateBundle() {
      const lines = Object.entries(SITE_HEADERS).map(([name, value]) => `  ${name}: ${value}`);
      this.emitFile({ type: "asset", fileName: "_headers", source: ["/*", ...lines, ""].join("\n") });
    },
  };
}
