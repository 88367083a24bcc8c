import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueMsOf, isDrawing, type LiveEvent, type LivePhase, next, REST } from "./phase";

const words = (atMs: number): LiveEvent => ({ type: "change", change: "words", atMs });
const knob = (atMs: number): LiveEvent => ({ type: "change", change: "knob", atMs });
const DUE: LiveEvent = { type: "due" };
const ANSWER: LiveEvent = { type: "answer" };
const phaseAfter = (...events: LiveEvent[]): LivePhase => events.reduce(next, REST);

const anyEvent: fc.Arbitrary<LiveEvent> = fc.oneof(
  fc.record({
    type: fc.constant("change" as const),
    change: fc.constantFrom("words" as const, "knob" as const),
    atMs: fc.nat(10_000),
  }),
  fc.constantFrom<LiveEvent>(DUE, ANSWER, { type: "stop" }),
  fc.record({ type: fc.constant("hindrance" as const), atMs: fc.nat(10_000) }),
);

describe("live mode's phases", () => {
  it("[LV38] words are drawn 120 ms after the last letter, knobs 30 ms after the last move", () => {
    expect(dueMsOf(phaseAfter(words(1000)))).toBe(1120);
    expect(dueMsOf(phaseAfter(words(1000), words(1100)))).toBe(1220);
    expect(dueMsOf(phaseAfter(knob(1000)))).toBe(1030);
  });

  it("[LV39] changes that never pause are drawn all the same", () => {
    const moves = Array.from({ length: 20 }, (_, index) => knob(1000 + 10 * index));
    expect(dueMsOf(phaseAfter(...moves))).toBe(1060);
    const letters = Array.from({ length: 20 }, (_, index) => words(1000 + 100 * index));
    expect(dueMsOf(phaseAfter(...letters))).toBe(1240);
  });

  it("[LV40] the picture itself is due 600 ms after the last change, however long the draft took", () => {
    expect(dueMsOf(phaseAfter(knob(1000), DUE, ANSWER))).toBe(1600);
    expect(dueMsOf(phaseAfter(knob(1000), DUE, words(1300), DUE, ANSWER))).toBe(1900);
  });

  it("[LV41] the picture itself is drawn once", () => {
    expect(phaseAfter(knob(0), DUE, ANSWER, DUE).at).toBe("refining");
    expect(phaseAfter(knob(0), DUE, ANSWER, DUE, ANSWER)).toBe(REST);
    expect(phaseAfter(knob(0), DUE, ANSWER, DUE, ANSWER, DUE)).toBe(REST);
  });

  it("[LV42] a change at any time is followed by a draft of its own", () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        const phase = next(phaseAfter(...events), knob(20_000));
        expect(phase.at).toBe("changed");
        expect(next(phase, DUE).at).toBe("drafting");
      }),
    );
  });

  it("[LV43] what was hindered comes again: a draft as a draft, the picture as the picture", () => {
    const hindrance: LiveEvent = { type: "hindrance", atMs: 5000 };
    expect(phaseAfter(knob(0), DUE, hindrance, DUE).at).toBe("drafting");
    expect(phaseAfter(knob(0), DUE, ANSWER, DUE, hindrance, DUE).at).toBe("refining");
    expect(phaseAfter(hindrance)).toBe(REST);
  });

  it("[LV44] nothing is both drawn and due, and after a stop neither", () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        const phase = phaseAfter(...events);
        expect(isDrawing(phase) && dueMsOf(phase) !== null).toBe(false);
        expect(next(phase, { type: "stop" })).toBe(REST);
      }),
    );
  });
});
