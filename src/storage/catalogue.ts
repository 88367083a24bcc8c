/** Reads `models/catalogue.json`, with suspicion: people edit it by hand. */

import * as v from "valibot";
import { Failure } from "../core/failure";
import { isSamplerId, type SamplerId } from "../core/recipe";
import type { CatalogueEntry } from "../protocol/catalogue";
import type { FetchPlan } from "../protocol/library";

const BYTES_MAX = 2 ** 40;
const SIDE_MULTIPLE_PX = 8;

const sentence = v.pipe(v.string(), v.regex(/^[A-Z].{8,300}\.$/, "is not a sentence"));
const bytes = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(BYTES_MAX));
const side = v.pipe(v.number(), v.integer(), v.minValue(64), v.multipleOf(SIDE_MULTIPLE_PX));
const slug = v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "is not lower case, digits and hyphens"));

const ENTRY = v.strictObject({
  id: slug,
  name: v.pipe(v.string(), v.nonEmpty()),
  summary: sentence,
  repository: v.pipe(v.string(), v.regex(/^[\w.-]+\/[\w.-]+$/, "is not owner/name")),
  revision: v.pipe(v.string(), v.regex(/^([0-9a-f]{40}|main)$/, 'is not a commit, nor "main"')),
  family: v.pipe(v.string(), v.nonEmpty()),
  missing: v.nullable(sentence),
  sizeBytes: bytes,
  isSizeExact: v.boolean(),
  licence: v.strictObject({
    name: v.pipe(v.string(), v.nonEmpty()),
    url: v.pipe(v.string(), v.startsWith("https://"), v.url()),
    limits: v.nullable(sentence),
    isNonCommercial: v.boolean(),
  }),
  needs: v.strictObject({
    weightsBytes: bytes,
    largestNetworkBytes: bytes,
    decoder: v.picklist(["kl", "kl-f32", "tiny"]),
  }),
  defaults: v.nullable(
    v.strictObject({
      sampler: v.custom<SamplerId>(
        (id) => typeof id === "string" && isSamplerId(id),
        "is not a sampler's id",
      ),
      steps: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(150)),
      guidanceScale: v.pipe(v.number(), v.minValue(1), v.maxValue(30)),
      widthPx: side,
      heightPx: side,
    }),
  ),
  sha256: v.record(
    v.pipe(v.string(), v.nonEmpty()),
    v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "is not a SHA-256")),
  ),
});
const CATALOGUE = v.array(ENTRY);

/** @throws {Failure} "model-corrupt" naming the first field that is not what it should be. */
export function parseCatalogue(text: string): readonly CatalogueEntry[] {
  const result = v.safeParse(CATALOGUE, parseJson(text));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Failure(
    "model-corrupt",
    `catalogue.json: ${v.getDotPath(issue) ?? "the whole file"}: ${issue.message}; reload the page, and if it stays so the site itself is damaged.`,
  );
}

/**
 * A plan with the hashes that the catalogue has for the same repository and revision, wherever it is fetched from.
 *
 * @throws {Failure} "model-corrupt" if the host says another hash: then it has another file.
 */
export function withKnownHashes<P extends Pick<FetchPlan, "origin" | "files">>(
  plan: P,
  entries: readonly CatalogueEntry[],
): P {
  const { origin } = plan;
  if (origin.kind !== "hub") return plan;
  const entry = entries.find(
    ({ repository, revision }) => repository === origin.repository && revision === origin.revision,
  );
  if (entry === undefined) return plan;
  const files = plan.files.map((file) => {
    const known = Object.hasOwn(entry.sha256, file.path) ? entry.sha256[file.path] : undefined;
    if (known === undefined) return file;
    if (file.sha256 === null || file.sha256 === known) return { ...file, sha256: known };
    throw new Failure(
      "model-corrupt",
      `${file.path}: ${origin.baseUrl} has another file than the one that ${entry.name} was published with; fetch it from another hub.`,
    );
  });
  return { ...plan, files };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
