import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "@playwright/test";

/** `npm start` as it is typed, without the browser. */
function start(port: string): ChildProcess {
  return spawn(process.execPath, ["scripts/start.mjs", "--no-open"], { env: { ...process.env, PORT: port } });
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return String(typeof address === "object" ? address?.port : address);
}

/** All that a program says until it says what is looked for, or to its end. */
async function told(program: ChildProcess, wanted?: RegExp): Promise<string> {
  let text = "";
  let hasEnded = false;
  const listen = (chunk: Buffer) => {
    text += chunk.toString();
  };
  program.stdout?.on("data", listen);
  program.stderr?.on("data", listen);
  program.once("close", () => {
    hasEnded = true;
  });
  await expect.poll(() => hasEnded || wanted?.test(text)).toBe(true);
  return text;
}

test("serves the build isolated, with right types, 404 for what is missing, and ends cleanly", async () => {
  const port = await freePort();
  const program = start(port);
  expect(await told(program, /Ctrl\+C/)).toContain(`http://localhost:${port}/`);
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const page = await get("/");
  const html = await page.text();
  expect(page.headers.get("Cross-Origin-Opener-Policy")).toBe("same-origin");
  expect(page.headers.get("Cross-Origin-Embedder-Policy")).toBe("require-corp");
  expect(page.headers.get("Content-Security-Policy")).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(html).toContain("<title>Afterimage</title>");
  const manifest = await get("/manifest.webmanifest");
  expect(manifest.headers.get("Content-Type")).toContain("application/manifest+json");
  const [, wasm] = (await (await get("/sw.js")).text()).match(/(assets\/[\w.-]+\.wasm)["']/) ?? [];
  expect((await get(`/${wasm}`)).headers.get("Content-Type")).toBe("application/wasm");
  expect((await get("/models/none/model_index.json")).status).toBe(404);
  program.kill("SIGINT");
  const [code] = await once(program, "exit");
  expect(code).toBe(0);
});

test("refuses a port that is none, and one that is taken, in one sentence", async () => {
  const nonsense = start("eighty");
  expect(await told(nonsense)).toMatch(
    /^PORT must be a whole number from 1 to 65535, and it is "eighty"[^\n]*\n$/,
  );
  expect(nonsense.exitCode).toBe(1);
  const occupant = createServer().listen(0, "127.0.0.1");
  await once(occupant, "listening");
  const address = occupant.address();
  const port = typeof address === "object" ? address?.port : 0;
  const late = start(String(port));
  expect(await told(late)).toContain(`Port ${port} could not be had`);
  expect(late.exitCode).toBe(1);
  occupant.close();
});
