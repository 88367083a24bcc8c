/** Names that PyTorch's wrappers leave in files which were saved while a network was wrapped. */

import { Failure } from "../../core/failure";

/** torch.compile, its distributed and sharded data parallelism, and its activation checkpointing. */
const WRAPPER = /(^|\.)(?:(?:_orig_mod|module|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.)+/g;

/**
 * The same entries under the names of the bare network.
 *
 * @param path of the file or folder, for messages.
 * @throws {Failure} "model-corrupt" if two names become one.
 */
export function unwrapped<T>(path: string, named: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const bare = new Map<string, T>();
  for (const [name, value] of named) {
    const plain = name.replaceAll(WRAPPER, "$1");
    if (bare.has(plain))
      throw new Failure(
        "model-corrupt",
        `${path}: ${plain} is there twice, wrapped and bare (${name}); wanted one of them. Fetch another copy.`,
      );
    bare.set(plain, value);
  }
  return bare;
}
