/** Names, limits and defaults that the page and the worker share. The model's own defaults win over these. */

/** The limits of the controls. Steps beyond `stepsMax` are for the command line. */
export const LIMITS = {
  stepsMin: 1,
  stepsMax: 150,
  guidanceMin: 1,
  guidanceMax: 15,
  guidanceStep: 0.5,
  promptChars: 20_000,
  sidePxMax: 1024,
} as const;
