/** Pickles: Python's serialised objects. Reading one runs the code in it. */

import { Failure } from "../../core/failure";

const PICKLE = /\.(bin|ckpt|pt|pth|pkl)$/i;

/** True for a file that PyTorch's users save as a pickle, by its name's ending. */
export function isPickle(path: string): boolean {
  return PICKLE.test(path);
}

/** The refusal of a pickle, in one sentence for every way by which one comes. */
export function pickleRefusal(path: string): Failure {
  return new Failure(
    "unsupported",
    `${path} is a pickle, which can run code of its maker's, so it is not read. Choose a copy of the model as .safetensors.`,
  );
}
