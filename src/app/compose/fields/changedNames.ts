/** The settings behind the fold that differ from their defaults. */

import type { ModelCard } from "../../../core/modelCard";
import { DEFAULT_SETTINGS, type Settings } from "../../../storage/settings";

/** Names of those settings as the page shows them, in its order; empty where none differs. */
export function changedNames(settings: Settings, model: ModelCard | null): readonly string[] {
  const { negativePrompt, seed, guidanceStart, guidanceStop, sampler, shape, backend, isEveryWordSent } =
    settings;
  const differs: readonly (readonly [string, boolean])[] = [
    ["negative prompt", negativePrompt.trim() !== ""],
    ["seed", seed !== null],
    [
      "guided steps",
      guidanceStart !== DEFAULT_SETTINGS.guidanceStart || guidanceStop !== DEFAULT_SETTINGS.guidanceStop,
    ],
    ["sampler", sampler !== null && sampler !== model?.defaults.sampler],
    ["size", shape !== DEFAULT_SETTINGS.shape],
    ["device", backend !== DEFAULT_SETTINGS.backend],
    ["every word", isEveryWordSent],
  ];
  return differs.flatMap(([name, isChanged]) => (isChanged ? [name] : []));
}
