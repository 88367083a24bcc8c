/** Files that a host does not give, and files that are never asked for. */

import { describe, expect, it } from "vitest";
import { planFromHub } from "../hub";
import { BASE, hub, type Manners, origin, SD } from "./testing";

describe("a host that does not give", () => {
  const answer =
    (status: number, headers: Record<string, string> = {}) =>
    () =>
      new Response("no", { status, headers });
  it.each<[string, Manners, RegExp]>([
    [
      "gated, by its word",
      { info: { gated: "auto" } },
      /gated: .*accept its licence.*hub\.example\/owner\/name.*import them here/,
    ],
    ["gated, by its refusal", { always: answer(403) }, /accept its licence/],
    [
      "private or misspelt",
      { always: answer(401, { "X-Error-Code": "RepoNotFound" }) },
      /private, gated, or not there/,
    ],
    [
      "without that revision",
      { always: answer(404, { "X-Error-Code": "RevisionNotFound" }) },
      /not in that revision/,
    ],
    [
      "without that repository",
      { always: answer(404, { "X-Error-Code": "RepoNotFound" }) },
      /Check the name/,
    ],
    ["busy", { always: answer(429, { "Retry-After": "30" }) }, /too many requests.*in 30 seconds/],
    ["busy for who knows how long", { always: answer(429) }, /in some minutes/],
    ["broken", { always: answer(500) }, /answered 500.*later/],
    [
      "behind a page to sign in at",
      { always: () => new Response("<html>", { headers: { "Content-Type": "text/html; charset=utf-8" } }) },
      /a web page came: the network may ask to sign in/,
    ],
    [
      "not to be reached",
      {
        always: () => {
          throw new TypeError("Failed to fetch");
        },
      },
      /hub\.example cannot be reached: there is no connection/,
    ],
  ])("%s: one sentence, and what to do", async (_, manners, sentence) => {
    const failure = await planFromHub(origin(), hub(SD, manners)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "model-missing", message: expect.stringMatching(sentence) });
    expect((failure as Error).message).toMatch(/^[^\n]{20,400}\.$/);
  });

  it("stops when it is told to", async () => {
    const abort = new AbortController();
    abort.abort();
    const fetch = async () => abort.signal.throwIfAborted() as never;
    await expect(planFromHub(origin(), { fetch })).rejects.toMatchObject({ code: "cancelled" });
  });

  it.each([
    { repository: "../../admin" },
    { repository: "owner" },
    { repository: "owner/name?x=1" },
    { baseUrl: "javascript:alert(1)" },
    { baseUrl: `${BASE}/` },
    { revision: "" },
  ])("asks nobody about %o", async (change) => {
    const { fetch, asked } = hub(SD);
    await expect(planFromHub(origin(change), { fetch })).rejects.toMatchObject({ code: "bad-request" });
    expect(asked).toEqual([]);
  });
});
