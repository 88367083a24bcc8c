/** Finds where a text ends for the text encoder: among the ids, since the tokenizer does not say. */

/** The `eos_token_id` that the first published CLIP configs have by mistake, those of SDXL among them. */
const MISTAKEN_EOS = 2;

/**
 * Place of the end token among `ids`, as transformers' CLIPTextModel computes it for the vector of the whole text: the first
 * id that is the configuration's `eos_token_id`; where that is the mistaken 2, the first of the greatest id, which in CLIP's
 * own vocabulary is the end token. 0 if the id is not there.
 */
export function endPosition(ids: Int32Array, eosTokenId: number): number {
  const wanted = eosTokenId === MISTAKEN_EOS ? Math.max(...ids) : eosTokenId;
  return Math.max(ids.indexOf(wanted), 0);
}
