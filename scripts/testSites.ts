/** Builds what the browser tests visit: the site, and the same site around a model so small that a software GPU can run it. */

import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { ensureSite } from "./setup.mjs";

/** The site as it ships. */
export const SITE_FOLDER = "dist";
/** The site with the smallest model in its box: four megaflops a step, random weights, 64 x 64 pixels. */
export const SMALL_SITE_FOLDER = "node_modules/.tmp/small-site";

const FIXTURE = "src/runtime/__fixtures__/small";
const SMALL_MODEL = "node_modules/.tmp/small";

/** What a model's makers say of it; the fixture itself is a plain diffusers folder and says nothing. */
const SIDECAR = {
  name: "Small",
  summary: "Random weights, for tests.",
  licence: "MIT",
  defaults: { sampler: "ddim", steps: 4, guidanceScale: 3, width: 64, height: 64 },
  preview: {
    matrix: [
      [0.4, 0.1, 0.1],
      [0.1, 0.4, 0.1],
      [0.1, 0.1, 0.4],
      [0.2, 0.2, 0.2],
    ],
    bias: [0, 0, 0],
  },
  vocabulary: { nouns: ["cat", "dog"], colours: ["red"], words: ["a", "red", "cat", "on", "the", "dog"] },
  examples: ["a red cat", "a dog", "the cat", "a cat on the dog", "the red dog", "a dog on a cat"].map(
    (prompt, i) => ({ prompt, seed: String(i + 1) }),
  ),
};

export default function buildTestSites(): void {
  rmSync(SMALL_MODEL, { recursive: true, force: true });
  mkdirSync(SMALL_MODEL, { recursive: true });
  cpSync(FIXTURE, SMALL_MODEL, { recursive: true, filter: (path) => !path.startsWith(`${FIXTURE}/graphs`) });
  writeFileSync(`${SMALL_MODEL}/afterimage.json`, JSON.stringify(SIDECAR));
  const env = { AFTERIMAGE_MODEL: SMALL_MODEL, AFTERIMAGE_GRAPHS: `${FIXTURE}/graphs` };
  const built = [ensureSite({ folder: SMALL_SITE_FOLDER, env }), ensureSite({ folder: SITE_FOLDER })];
  if (built.includes(false)) {
    throw new Error("A site could not be built: what stands above says why.");
  }
}
