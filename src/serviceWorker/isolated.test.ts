import { describe, expect, it } from "vitest";
import { ISOLATION_HEADERS, isolated } from "./isolated";

describe("isolation added to an answer", () => {
  it("keeps body, status and type, sets every header, and forgets the encoding of the wire", async () => {
    const answer = isolated(
      new Response("body", {
        status: 203,
        headers: { "Content-Type": "application/wasm", "Content-Encoding": "gzip", "Content-Length": "3" },
      }),
    );
    expect(await answer.text()).toBe("body");
    expect(answer.status).toBe(203);
    expect(answer.headers.get("Content-Type")).toBe("application/wasm");
    expect(answer.headers.get("Content-Encoding")).toBeNull();
    for (const [name, value] of Object.entries(ISOLATION_HEADERS))
      expect(answer.headers.get(name)).toBe(value);
  });

  it("leaves alone what it may not read", () => {
    const error = Response.error();
    expect(isolated(error)).toBe(error);
  });
});
