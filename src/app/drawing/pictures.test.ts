import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keptPicture } from "../testing";
import { matchOf } from "./match";
import { ranked, setsOf, withinLimits } from "./pictures";

const ids = (pictures: readonly { readonly id: number }[]) => pictures.map(({ id }) => id);

describe("ranked", () => {
  it("the best match first, those without a prompt match last, equals in the order of their seeds", () => {
    const pictures = [
      keptPicture(5, 1),
      keptPicture(4, 1, 20),
      keptPicture(3, 1, 31),
      keptPicture(2, 1),
      keptPicture(1, 1, 20),
    ];
    expect(ids(ranked(pictures))).toEqual([3, 1, 4, 2, 5]);
  });

  it("is the same for any order in which the pictures came", () => {
    const match = fc.option(fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.array(match), fc.infiniteStream(fc.nat()), (matches, keys) => {
        const pictures = matches.map((score, id) => ({
          picture: keptPicture(id, 1, score),
          key: keys.next().value ?? 0,
        }));
        const shuffled = [...pictures].sort((a, b) => a.key - b.key);
        expect(ids(ranked(shuffled.map(({ picture }) => picture)))).toEqual(
          ids(ranked(pictures.map(({ picture }) => picture))),
        );
      }),
    );
  });
});

describe("setsOf", () => {
  it("newest set first, best picture of each first", () => {
    const sets = setsOf([keptPicture(4, 2, 10), keptPicture(3, 2, 30), keptPicture(2, 1), keptPicture(1, 1)]);
    expect(sets.map((set) => [set.id, ids(set.pictures)])).toEqual([
      [2, [3, 4]],
      [1, [1, 2]],
    ]);
  });
});

describe("withinLimits", () => {
  it("eight sets and 32 pictures stay at most, whole sets go, and the newest always stays", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 2, 4, 8), { minLength: 1, maxLength: 30 }), (sizes) => {
        let id = 0;
        const pictures = sizes
          .flatMap((size, set) => Array.from({ length: size }, () => keptPicture(++id, set)))
          .reverse();
        const { kept, dropped } = withinLimits(pictures);
        expect([...kept, ...dropped]).toHaveLength(pictures.length);
        expect(kept.length).toBeLessThanOrEqual(32);
        const stayed = setsOf(kept);
        expect(stayed.length).toBeLessThanOrEqual(8);
        expect(stayed.map(({ id: setId }) => setId)).toEqual(
          sizes
            .map((_, set) => set)
            .reverse()
            .slice(0, stayed.length),
        );
        for (const set of stayed) expect(set.pictures).toHaveLength(sizes[set.id] ?? 0);
      }),
    );
  });
});

describe("matchOf", () => {
  const SCALE = { typical: 32, mismatched: 12 };

  it.each([
    [40, 1, "strong"],
    [32, 1, "strong"],
    [22, 0.5, "weak"],
    [24, 0.6, "good"],
    [12, 0, "poor"],
    [0, 0, "poor"],
  ])("%d lies at %d between the means: %s", (score, part, name) => {
    expect(matchOf(score, SCALE)).toEqual({ part, name });
  });

  it("a card without means, or with means that tell nothing apart, gives no scale", () => {
    expect(matchOf(20, null)).toBeNull();
    expect(matchOf(20, { typical: 20, mismatched: 20 })).toBeNull();
    expect(matchOf(20, { typical: 10, mismatched: 20 })).toBeNull();
  });
});
