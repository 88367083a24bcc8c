/** The files of a folder in diffusers' layout: a folder for each component, its configuration beside its weights. */

/** Names the pipeline and its components. */
export const INDEX_FILE = "model_index.json";
/** Configuration of the noise schedule. */
export const SCHEDULER_FILE = "scheduler/scheduler_config.json";

/** The folder of each network. */
export const NETWORK_FOLDERS = {
  text_encoder: "text_encoder",
  text_encoder_2: "text_encoder_2",
  unet: "unet",
  vae_decoder: "vae",
  prompt_match: "prompt_match",
} as const;

/** The components whose weights are fetched, each with the first part of its weights' names: transformers' "model", else diffusers'. */
export const WEIGHT_STEMS: Readonly<Record<string, string>> = {
  text_encoder: "model",
  text_encoder_2: "model",
  unet: "diffusion_pytorch_model",
  vae: "diffusion_pytorch_model",
};

/** The tokenizers of the first and of the second text encoder. */
export const TOKENIZER_FOLDERS = ["tokenizer", "tokenizer_2"] as const;
/** CLIP's vocabulary as older and as newer versions of transformers save it: the first set is read of which every file is there. */
export const VOCABULARIES = [["vocab.json", "merges.txt"], ["tokenizer.json"]] as const;
/** The settings that tell start, end and padding apart; each may be missing. */
export const TOKENIZER_SETTINGS = ["tokenizer_config.json", "special_tokens_map.json"] as const;
/** Every file of a tokenizer. */
export const TOKENIZER_FILES = [...VOCABULARIES.flat(), ...TOKENIZER_SETTINGS];

/** The vocabulary of a tokenizer that is read, by the names of its files; null if it has none. @param has whether the folder has a file. */
export function vocabularyIn(has: (name: string) => boolean): readonly string[] | null {
  return VOCABULARIES.find((names) => names.every(has)) ?? null;
}

/** The refusal of a tokenizer without a vocabulary, as the end of a sentence that begins with its owner. */
export function withoutVocabulary(folder: string): string {
  return `has neither ${folder}/vocab.json with ${folder}/merges.txt nor ${folder}/tokenizer.json, one of which a model needs.`;
}

/** Extra files of our own models, and a tiny decoder for previews, which any model may have. */
const EXTRAS =
  /^(afterimage\.json|prompt_match\/(config\.json|model\.safetensors)|few_step\/[\w.-]+\.safetensors|taesd\/(config\.json|diffusion_pytorch_model\.safetensors))$/;

/** True for a file that is fetched with a model although diffusers knows no such file. */
export function isExtra(path: string): boolean {
  return EXTRAS.test(path);
}

/** Path of a component's configuration. */
export function configPath(folder: string): string {
  return `${folder}/config.json`;
}
