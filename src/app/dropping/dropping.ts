/** Files that are dropped on the page: a picture gives its recipe, and the browser never opens one in the page's place. */

import { pressSettings } from "../drawing/presses";
import { factsOf } from "../frame/failureFacts";
import { routeNow } from "../frame/route";
import { store } from "../store";

const WANTED = "Drop a PNG picture that a program like this one made; models are opened in Models.";
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];

/** Listens for files that are dropped anywhere; returns the undo. Other things that are dropped are left to the browser. */
export function listenForDrops(): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  addEventListener("dragover", allow, { signal });
  addEventListener("drop", onDrop, { signal });
  return () => listening.abort();
}

function allow(event: DragEvent): void {
  if (hasFiles(event)) event.preventDefault();
}

function onDrop(event: DragEvent): void {
  if (!hasFiles(event)) return;
  // A place that takes files has taken them by now.
  const isTaken = event.defaultPrevented;
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (!isTaken && routeNow() === "studio" && file !== undefined) void takeDropped(file);
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") ?? false;
}

/** Reads a picture's recipe into the settings, or says why not; never rejects. The settings before come back by Ctrl+Z. */
export async function takeDropped(file: Blob & { readonly name: string }): Promise<void> {
  try {
    const { modelReport } = store.getState();
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (!PNG_SIGNATURE.every((byte, i) => bytes[i] === byte))
      return tell(`“${file.name}” is no PNG picture. ${WANTED}`);
    if (modelReport === null)
      return tell("The model is still loading: drop the picture again when it is ready.");
    // Few pictures are ever dropped: what reads them comes when one is.
    const [{ readPictureRecipe }, { droppedRecipe }] = await Promise.all([
      import("../../image/pictureRecipe"),
      import("./droppedRecipe"),
    ]);
    const { change, note } = droppedRecipe(readPictureRecipe(bytes), modelReport);
    pressSettings(change, true);
    tell(note);
  } catch (error) {
    tell(`“${file.name}”: ${factsOf(error).message}`);
  }
}

function tell(dropNote: string): void {
  store.setState({ dropNote });
}
