/** From the recipe inside a picture to settings of the page. */

import type { ModelCard } from "../../core/modelCard";
import { type Recipe, SAMPLER_NAMES } from "../../core/recipe";
import type { StatedRecipe } from "../../image/infotext/statedRecipe";
import type { Settings } from "../../storage/settings";
import { MODELS_OWN, shapesOf } from "../drawing/choices";

/** Settings that make a picture again as far as this page can, and the sentences about the rest. */
export interface DroppedRecipe {
  readonly change: Partial<Settings> & Pick<Settings, "prompt">;
  readonly note: string;
}

/** What the picture does not state is as the model's makers chose. Every setting that could not be taken is named in the note. */
export function droppedRecipe(stated: StatedRecipe, model: ModelCard): DroppedRecipe {
  const { recipe } = stated;
  const { prompt = "", typed = prompt, negativePrompt = "" } = recipe;
  const shape = shapeOf(recipe, model);
  const weights = recipe.weights === "few_step" && model.fewStep === null ? undefined : recipe.weights;
  const change = {
    ...MODELS_OWN,
    prompt: typed,
    negativePrompt,
    seed: recipe.seed?.toString() ?? null,
    steps: recipe.steps ?? null,
    guidanceScale: recipe.guidanceScale ?? null,
    guidanceStart: recipe.guidanceStart ?? MODELS_OWN.guidanceStart,
    guidanceStop: recipe.guidanceStop ?? MODELS_OWN.guidanceStop,
    sampler: recipe.sampler ?? null,
    weights: weights ?? MODELS_OWN.weights,
    shape: shape ?? MODELS_OWN.shape,
  };
  return { change, note: noteOn(stated, model, shape === null) };
}

function shapeOf({ widthPx, heightPx }: Partial<Recipe>, model: ModelCard): Settings["shape"] | null {
  if (widthPx === undefined || heightPx === undefined) return MODELS_OWN.shape;
  return (
    shapesOf(model).find((size) => size.widthPx === widthPx && size.heightPx === heightPx)?.shape ?? null
  );
}

function noteOn(stated: StatedRecipe, model: ModelCard, isOtherSize: boolean): string {
  const { missing, notHonoured, model: drawnBy } = stated;
  const untaken = [...notHonoured, ...untakenBy(stated.recipe, model, isOtherSize)];
  return [
    "The picture’s recipe is in the settings.",
    ...(drawnBy !== "" && drawnBy !== model.name
      ? [`It was drawn by ${drawnBy}, this is ${model.name}.`]
      : []),
    ...(missing.length > 0 ? [`It does not state: ${missing.join(", ")}.`] : []),
    ...(untaken.length > 0 ? [`Not taken over, though it changes the picture: ${untaken.join("; ")}.`] : []),
  ].join(" ");
}

/** Parts of a recipe for which the page has no setting, or not this one. */
function untakenBy(recipe: Partial<Recipe>, model: ModelCard, isOtherSize: boolean): readonly string[] {
  const { widthPx, heightPx, sigmaSpacing, guidanceRescale = 0, eta = 0, sampler, weights } = recipe;
  return [
    ...(isOtherSize ? [`size ${widthPx} × ${heightPx}`] : []),
    ...(sigmaSpacing === undefined ? [] : [`schedule ${sigmaSpacing}`]),
    ...(guidanceRescale === 0 ? [] : [`guidance rescale ${guidanceRescale}`]),
    ...(eta === 0 ? [] : [`eta ${eta} of ${SAMPLER_NAMES[sampler ?? model.defaults.sampler]}`]),
    ...(weights === "few_step" && model.fewStep === null ? ["few-step weights"] : []),
  ];
}
