import { describe, expect, it } from "vitest";
import { type IsolationSurroundings, reloadOnceForIsolation } from "./isolation";

/** A tab on a host without headers, whose reloads are counted. */
function tab(changes: Partial<IsolationSurroundings> = {}) {
  const remembered = new Map<string, string>();
  const container = new EventTarget();
  let reloads = 0;
  const around: IsolationSurroundings = {
    isIsolated: false,
    serviceWorker: Object.assign(container, { controller: null }),
    memory: () => ({
      getItem: (key) => remembered.get(key) ?? null,
      setItem: (key, value) => void remembered.set(key, value),
    }),
    reload: () => void reloads++,
    ...changes,
  };
  return {
    around,
    takeOver: () => container.dispatchEvent(new Event("controllerchange")),
    reloads: () => reloads,
  };
}

describe("isolation on a host without headers", () => {
  it("reloads when the service worker has taken over, and never again in the tab", () => {
    const { around, takeOver, reloads } = tab();
    reloadOnceForIsolation(() => true, around);
    expect(reloads()).toBe(0);
    takeOver();
    expect(reloads()).toBe(1);
    reloadOnceForIsolation(() => true, around);
    takeOver();
    expect(reloads()).toBe(1);
  });

  it("does not reload while a picture is being made", () => {
    const { around, takeOver, reloads } = tab();
    reloadOnceForIsolation(() => false, around);
    takeOver();
    expect(reloads()).toBe(0);
  });

  it.each([
    ["the page is isolated already", { isIsolated: true }],
    ["there are no service workers", { serviceWorker: undefined }],
    [
      "the reload could not be remembered",
      {
        memory: () => {
          throw new DOMException("blocked", "SecurityError");
        },
      },
    ],
  ] satisfies [string, Partial<IsolationSurroundings>][])("stays where it is if %s", (_, changes) => {
    const { around, takeOver, reloads } = tab(changes);
    reloadOnceForIsolation(() => true, around);
    takeOver();
    expect(reloads()).toBe(0);
  });
});
