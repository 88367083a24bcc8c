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
/** CLIP's vocabulary, and the settings that tell start, end and padding apart. */
export const TOKENIZER_FILES = [
  { name: "vocab.json", isRequired: true },
  { name: "merges.txt", isRequired: true },
  { name: "tokenizer_config.json", isRequired: true },
  { name: "special_tokens_map.json", isRequired: false },
] as const;

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
