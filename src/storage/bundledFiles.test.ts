import { createHash } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Failure } from "../core/failure";
import { type KnownFile, openFiles } from "./bundledFiles";

const WEIGHTS = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251));
const PATH = "unet/diffusion_pytorch_model.safetensors";

/** A site that serves WEIGHTS as `answer` decides, and the bundle that asks for it. */
class Site {
  #server: Server | null = null;
  #origin = "";
  readonly arrived: number[] = [];
  readonly kept: { url: string; bytes: Blob }[] = [];
  requests = 0;

  async start(answer: RequestListener): Promise<void> {
    this.#server = createServer((request, response) => {
      this.requests++;
      answer(request, response);
    });
    await new Promise<void>((ready) => this.#server?.listen(0, "127.0.0.1", ready));
    this.#origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((stopped) => this.#server?.close(stopped));
  }

  opener(changes: Partial<KnownFile> = {}) {
    const sha256 = createHash("sha256").update(WEIGHTS).digest("hex");
    const file = { url: `${this.#origin}/w`, sizeBytes: WEIGHTS.length, sha256, ...changes };
    return openFiles(
      { [PATH]: file },
      { arrived: (_, doneBytes) => void this.arrived.push(doneBytes) },
      async (url, bytes) => {
        this.kept.push({ url, bytes });
        return true;
      },
    );
  }
}

const site = new Site();
afterEach(async () => {
  await site.stop();
  site.arrived.length = 0;
  site.kept.length = 0;
  site.requests = 0;
});

const failureOf = (opening: Promise<unknown>): Promise<Failure> =>
  opening.then(
    () => expect.fail("opened"),
    (e) => e,
  );

describe("files of the site", () => {
  it("gives exactly the bytes, counts every one of them as it comes, and keeps a copy", async () => {
    await site.start((_, response) => {
      response.write(WEIGHTS.subarray(0, 70_000));
      setTimeout(() => response.end(WEIGHTS.subarray(70_000)), 20);
    });
    const blob = await site.opener()(PATH);
    expect(Buffer.from(await (blob ?? new Blob()).arrayBuffer()).equals(WEIGHTS)).toBe(true);
    expect(site.arrived.length).toBeGreaterThan(1);
    expect(site.arrived).toEqual([...site.arrived].sort((a, b) => a - b));
    expect(site.arrived.at(-1)).toBe(WEIGHTS.length);
    expect(site.kept.map(({ bytes }) => bytes.size)).toEqual([WEIGHTS.length]);
  });

  it("fetches a file once, however often and however early it is asked for again", async () => {
    await site.start((_, response) => response.end(WEIGHTS));
    const open = site.opener();
    const [first, second] = await Promise.all([open(PATH), open(PATH)]);
    expect(await open(PATH)).toBe(first);
    expect(second).toBe(first);
    expect(site.requests).toBe(1);
  });

  it("knows nothing of a path that the build did not list", async () => {
    await site.start((_, response) => response.end(WEIGHTS));
    const open = site.opener();
    expect(await open("vae/config.json")).toBeNull();
    expect(await open("toString")).toBeNull();
    expect(site.requests).toBe(0);
  });

  it.each([
    ["a truncated file", WEIGHTS.subarray(0, -1), /199999 bytes came/],
    ["a longer file", Buffer.concat([WEIGHTS, WEIGHTS]), /200001 bytes came/],
    ["an empty file", Buffer.alloc(0), /0 bytes came/],
    ["one flipped bit", Buffer.from(WEIGHTS).fill((WEIGHTS[1234] ?? 0) ^ 1, 1234, 1235), /other bytes came/],
  ])("refuses %s after asking the site itself once more, and keeps no copy", async (_, body, sentence) => {
    await site.start((_, response) => response.end(body));
    const failure = await failureOf(site.opener()(PATH));
    expect(failure.code).toBe("model-corrupt");
    expect(failure.message).toMatch(sentence);
    expect(site.requests).toBe(2);
    expect(site.kept).toEqual([]);
    expect(site.arrived.at(-1)).toBe(0);
  });

  it("recovers from a bad copy on the way", async () => {
    await site.start((_, response) => response.end(site.requests === 1 ? "stale" : WEIGHTS));
    expect((await site.opener()(PATH))?.size).toBe(WEIGHTS.length);
    expect(site.arrived.at(-1)).toBe(WEIGHTS.length);
  });

  it("says that a sign-in page came instead of data", async () => {
    await site.start((_, response) => {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end("<h1>Welcome to the hotel</h1>");
    });
    const failure = await failureOf(site.opener()(PATH));
    expect(failure.code).toBe("model-missing");
    expect(failure.message).toMatch(/sign in/);
  });

  it("says what the site answered, and may be asked again", async () => {
    await site.start((_, response) => {
      response.statusCode = site.requests === 1 ? 503 : 200;
      response.end(WEIGHTS);
    });
    const open = site.opener();
    const failure = await failureOf(open(PATH));
    expect(failure.code).toBe("model-missing");
    expect(failure.message).toMatch(/answered 503/);
    expect((await open(PATH))?.size).toBe(WEIGHTS.length);
  });

  it("says that there is no connection", async () => {
    await site.start((_, response) => response.end(WEIGHTS));
    const open = site.opener();
    await site.stop();
    const failure = await failureOf(open(PATH));
    expect(failure.code).toBe("model-missing");
    expect(failure.message).toMatch(/no connection/);
  });

  it("says how far it got when the connection breaks", async () => {
    await site.start((_, response) => {
      response.setHeader("Content-Length", WEIGHTS.length);
      response.write(WEIGHTS.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    const failure = await failureOf(site.opener()(PATH));
    expect(failure.code).toBe("model-missing");
    expect(failure.message).toMatch(/broke after 100000 of 200000 bytes/);
    expect(site.arrived.at(-1)).toBe(0);
  });
});
