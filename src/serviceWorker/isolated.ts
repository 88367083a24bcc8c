/** Cross-origin isolation for hosts that cannot send headers: the service worker adds them to its answers. */

/** Without these a page has no SharedArrayBuffer, and ONNX Runtime runs on one thread. */
export const ISOLATION_HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/** The same response with the headers of isolation. One that may not be read (opaque, error, redirect) is left as it is. */
export function isolated(response: Response): Response {
  if (response.status === 0 || response.type === "opaqueredirect") return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION_HEADERS)) headers.set(name, value);
  // The body is decoded already; these would describe the bytes of the wire.
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
