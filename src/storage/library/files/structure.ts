/** Tells from a file's own structure whether it is whole, for want of a published hash. */

import { impostorIn } from "../../../checkpoint/weights/impostorIn";
import { findContradiction } from "../../../checkpoint/weights/safetensors";

/** Names of files that are never a web page, nor an answer in XML. */
const CHECKED = /\.(safetensors|json|onnx|onnx_data|txt)$/;

/** The flaw, as the end of a sentence that begins with the file's name; null if there is none. */
export async function findFlaw(path: string, file: Blob): Promise<string | null> {
  const impostor = CHECKED.test(path) ? await impostorIn(file) : null;
  if (impostor !== null) return impostor.says;
  if (path.endsWith(".safetensors")) {
    const contradiction = await findContradiction(file);
    return contradiction && `is damaged: ${contradiction}`;
  }
  if (path.endsWith(".json")) return (await parse(file)) === undefined ? "is not JSON" : null;
  return null;
}

/** Undefined if it is not JSON, which JSON itself cannot say. */
async function parse(file: Blob): Promise<unknown> {
  try {
    return JSON.parse(await file.text());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
