/** The calls of the worker that draws. It owns at most one open model, and does one thing at a time. */

import type { Model } from "../checkpoint/model";
import { Failure } from "../core/failure";
import { hex } from "../core/numbers";
import type { Recipe } from "../core/recipe";
import { picturePng } from "../image/picture";
import type { Observer, Stage } from "../pipeline/observer";
import { promptMatch } from "../pipeline/promptMatch";
import { networksFor } from "../pipeline/recipe/fewStep";
import { sentRecipe } from "../pipeline/recipe/sentRecipe";
import { textToImage } from "../pipeline/textToImage";
import type { CallContext, Draft, DrawingHandlers, Picture, Preview, WantedPicture } from "../protocol/calls";
import { inspectPrompt } from "./inspectPrompt";
import { messagesIn } from "./messagesIn";
import { HeldModel } from "./opening/heldModel";
import { type OpenModel, openModel } from "./opening/openModel";
import type { PicturePreviews } from "./previews";

type DrawContext = CallContext<"generate" | "draft">;

/** Handlers that share one model. */
export function createDrawingHandlers(): DrawingHandlers {
  const held = new HeldModel(openModel);
  let turn: Promise<unknown> = Promise.resolve();

  // A model must not be swapped under a picture in the making, nor two pictures share a device.
  const inTurn = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const result = turn.then(() => {
      if (signal.aborted) throw new Failure("cancelled", "Stopped before it began.");
      return work();
    });
    turn = result.catch(() => undefined);
    return result;
  };

  return {
    load: ({ source, backend }, context) =>
      inTurn(context.signal, async () => {
        const opened = await held.load(source, backend, context);
        return { model: opened.model.card, backend: opened.backend.report };
      }),
    isKeptOffline: async () => ({ isKept: await held.current.offline }),
    inspectPrompt: async (prompt) => inspectPrompt(prompt, held.current.model),
    generate: (wanted, context) => inTurn(context.signal, () => draw(wanted, held.current, context)),
    draft: (wanted, context) => inTurn(context.signal, () => sketch(wanted, held.current, context)),
  };
}

async function draw(
  wanted: WantedPicture,
  { model, networks, previews }: OpenModel,
  context: DrawContext,
): Promise<Picture> {
  const recipe = sentTo(model, wanted);
  const drawing = await networksFor(recipe, model, networks);
  const watch = watching(recipe, previews.ofPicture(), context);
  const { pixels, timingsMs } = await textToImage(recipe, model, drawing, watch);
  const match = await promptMatch(pixels, recipe.prompt, model, drawing, watch.now);
  const png = picturePng(pixels, recipe, model);
  return {
    png: png.buffer,
    widthPx: recipe.widthPx,
    heightPx: recipe.heightPx,
    recipe,
    sha256: await sha256(png),
    timingsMs,
    promptMatch: match.score,
  };
}

async function sketch(
  wanted: WantedPicture,
  { model, networks, previews }: OpenModel,
  context: DrawContext,
): Promise<Draft> {
  const recipe = sentTo(model, wanted);
  const drawing = await networksFor(recipe, model, networks);
  const watch = watching(recipe, previews.ofPicture(), context);
  const { pixels } = await textToImage(recipe, model, drawing, watch);
  return { image: pixels };
}

/** Reports stages and steps as they come, and previews when they are there; none is made while the page still has the last one in hand. */
function watching(recipe: Recipe, previews: PicturePreviews, context: DrawContext): Observer {
  const { signal, report, isBehind } = context;
  let stage: Stage = "encode";
  let step = 0;
  const tell = (preview: Preview | null) =>
    report({ stage, step, steps: recipe.steps, preview }, preview ? [preview.image.bytes.buffer] : []);
  return {
    stage(next) {
      stage = next;
      if (next === "denoise") previews.begin();
      tell(null);
    },
    async step(progress) {
      step = progress.step;
      await messagesIn(); // the page may have said meanwhile that it saw the last one
      const isSeen = !isBehind();
      tell(null);
      if (isSeen) await previews.after(progress, (image) => tell({ step: progress.step, image }));
    },
    async isCancelled() {
      await messagesIn();
      return signal.aborted;
    },
    now: () => performance.now(),
  };
}

function sentTo({ understand }: Model, { recipe, everyWord }: WantedPicture): Recipe {
  return sentRecipe(recipe, everyWord ? null : understand);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hex(digest);
}
