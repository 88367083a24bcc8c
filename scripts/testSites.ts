/** Builds what the browser tests visit: the site, and the same site around a model so small that a software GPU can run it. */

import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { ensureSite } from "./setup.mjs";

/** The site as it ships. */
export const SITE_FOLDER = "dist";
/** The site with the smallest model bundled: four megaflops a step, random weights, 64 x 64 pixels. */
export const SMALL_SITE_FOLDER = "node_modules/.tmp/small-site";

const FIXTURE = "src/runtime/__fixtures__/small";
const SMALL_MODEL = "node_modules/.tmp/small";

/** The makers' description of a model; the fixture itself is a plain diffusers folder without one. */
const SIDECAR = {
  name: "Small",
  summary: "Random weights, for tests.",
  licence: "MIT",
  defaults: { sampler: "ddim", steps: 4, guidanceScale: 3, width: 64, height: 64 },
  few_step: {
    weights: "few_step/pytorch_lora_weights.safetensors",
    sampler: "ddim",
    steps: 2,
    guidanceScale: 1,
  },
  preview: {
    matrix: [
      [0.4, 0.1, 0.1],
      [0.1, 0.4, 0.1],
      [0.1, 0.1, 0.4],
      [0.2, 0.2, 0.2],
    ],
    bias: [0, 0, 0],
  },
  promptMatch: { typical: 30, mismatched: 10 },
  vocabulary: {
    nouns: ["cat", "dog"],
    plurals: ["cats", "dogs"],
    synonyms: ["kitten=cat"],
    colours: ["red"],
    styles: ["pixel art"],
    words: ["a", "red", "cat", "on", "the", "dog", "cats", "dogs", "kitten", "pixel", "art"],
    templates: ["a {colour} {noun}", "a {noun} on the {noun2}"],
  },
  examples: ["a red cat", "a dog", "the cat", "a cat on the dog", "the red dog", "a dog on a cat"].map(
    (prompt, i) => ({ prompt, seed: String(i + 1) }),
  ),
};

/** The makers' description: enough to see each kind of document. */
const README =
  "# Small\n\nRandom weights, **for tests**.\n\n## What it knows\n\n- nothing\n\n| measured | |\n|---|---|\n| size | small |\n";
const EVALUATION = {
  judge: { noun: 0.987 },
  obedience: { seen: { "single object": 0.5, mean: 0.25 }, heldOut: { "single object": 0.125 } },
  samplers: [{ sampler: "ddim", steps: 4, fid: 123.4, accuracy: 0.2 }],
};

export default function buildTestSites(): void {
  rmSync(SMALL_MODEL, { recursive: true, force: true });
  mkdirSync(SMALL_MODEL, { recursive: true });
  cpSync(FIXTURE, SMALL_MODEL, { recursive: true, filter: (path) => !path.startsWith(`${FIXTURE}/graphs`) });
  writeFileSync(`${SMALL_MODEL}/afterimage.json`, JSON.stringify(SIDECAR));
  writeFileSync(`${SMALL_MODEL}/README.md`, README);
  writeFileSync(`${SMALL_MODEL}/evaluation.json`, JSON.stringify(EVALUATION));
  cpSync("public/icons/apple-touch-180.png", `${SMALL_MODEL}/evaluation/samplers.png`);
  const env = { AFTERIMAGE_MODEL: SMALL_MODEL, AFTERIMAGE_GRAPHS: `${FIXTURE}/graphs` };
  const built = [ensureSite({ folder: SMALL_SITE_FOLDER, env }), ensureSite({ folder: SITE_FOLDER })];
  if (built.includes(false)) {
    throw new Error("A site could not be built: what stands above says why.");
  }
}
