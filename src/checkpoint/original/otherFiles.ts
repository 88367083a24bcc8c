/** Files that are dropped here by mistake, known by the names of their tensors. */

import { Failure } from "../../core/failure";
import { isPickle, pickleRefusal } from "../layout/pickle";

/** Something else than a Stable Diffusion checkpoint: what it is and what to do instead, as the end of "This file …". */
interface Other {
  readonly mark: RegExp;
  readonly says: string;
}

const ADDITION = "It changes a model and cannot draw alone: open the whole checkpoint that it was made for.";
const OTHER_KIND = "Only Stable Diffusion 1.x, 2.x and XL, and what was distilled from them, run here.";

/** Marks of files that are something else, although they have a U-Net of the original layout. */
const INSIDE: readonly Other[] = [
  {
    mark: /^(control_model|controlnet)\.|(^|\.)(input_hint_block|controlnet_cond_embedding|controlnet_down_blocks|zero_convs)\.|^lllite_/,
    says: `holds a ControlNet. ${ADDITION}`,
  },
  {
    mark: /(^|\.)motion_modules\.|\.time_(stack|mixer)\b/,
    says: "makes moving pictures (AnimateDiff or Stable Video Diffusion). Open a checkpoint for still pictures.",
  },
  {
    mark: /^(edm_mean|edm_vpred\.)/,
    says: `was trained with EDM's noise levels (Karras 2022), as Playground v2.5 and CosXL were. ${OTHER_KIND}`,
  },
  {
    mark: /(^|\.)noise_augmentor\.|^embedder\.model\.visual\./,
    says: `is an unCLIP model, which draws after a picture. ${OTHER_KIND}`,
  },
];

/** Marks of files without such a U-Net, tried in this order. */
const OTHERS: readonly Other[] = [
  {
    mark: /(^|\.)lora_(unet|te\d?|prior|transformer)_|\.(lora_(up|down|A|B)|lora_linear_layer|lora)\.|_lora\.(up|down)\.|\.(hada|lokr)_w\d|\.oft_(blocks|diag)|\.dora_scale$|\.lora_magnitude_vector/,
    says: `is a LoRA. ${ADDITION}`,
  },
  {
    mark: /^(emb_params|string_to_param\..+|clip_[lg]|<.+>)$/,
    says: "is a textual inversion: a word for a text encoder. It cannot draw alone: open the whole checkpoint that it was made for.",
  },
  { mark: /^(ip_adapter|image_proj)\./, says: `is an IP-Adapter. ${ADDITION}` },
  { mark: /^adapter\.|^body\.\d+\.(in_conv|block1)\./, says: `is a T2I-Adapter. ${ADDITION}` },
  {
    mark: /(^|\.)distilled_guidance_layer\./,
    says: `is a Chroma model, a diffusion transformer. ${OTHER_KIND}`,
  },
  {
    mark: /(^|\.)(double_blocks|single_transformer_blocks|double_stream_modulation_img)\./,
    says: `is a FLUX model or a kin of it, a diffusion transformer. ${OTHER_KIND}`,
  },
  {
    mark: /(^|\.)joint_blocks\.\d|\.add_q_proj\./,
    says: `is a Stable Diffusion 3 model or a kin of it, a diffusion transformer. ${OTHER_KIND}`,
  },
  { mark: /(^|\.)clip_txt_mapper\.|\.channelwise\.\d/, says: `is a part of Stable Cascade. ${OTHER_KIND}` },
  {
    mark: /(^|\.)(\w+_stream_blocks|cap_embedder|txt_in|caption_projection|x_embedder|patchify_proj|patch_embedding|adaln_single|head\.modulation)\b|^(model\.diffusion_model\.)?(transformer_blocks|blocks|layers)\.\d/,
    says: `is a diffusion transformer. ${OTHER_KIND}`,
  },
  {
    mark: /^((model\.)?unet\.|model\.)?(down_blocks|mid_block|up_blocks)\.\w/,
    says: "has a U-Net under diffusers' names; a text encoder and an autoencoder are missing. Put it into a diffusers folder as unet/diffusion_pytorch_model.safetensors, with model_index.json, text_encoder/ and vae/ of the model that it belongs to, and open the folder.",
  },
  {
    mark: /^(diffusion_model\.)?(input_blocks|output_blocks)\.\d/,
    says: "has only a U-Net: the text encoder (cond_stage_model. or conditioner.embedders.) and the autoencoder (first_stage_model.) are missing. Open the whole checkpoint.",
  },
  {
    mark: /^model_ema\./,
    says: "has its U-Net only as averages over the training (model_ema.). Open the version of it that is made for drawing.",
  },
  {
    mark: /^(first_stage_model\.|vae\.)?(encoder|decoder)\.(conv_in|down|up|mid|layers|\d)/,
    says: "is an autoencoder alone. It cannot draw: open the whole checkpoint.",
  },
  {
    mark: /^(cond_stage_model\.|conditioner\.)|(^|\.)(text_model\.(encoder|embeddings)|resblocks\.\d|token_embedding\.|shared\.weight)/,
    says: "is a text encoder alone. It cannot draw: open the whole checkpoint.",
  },
  {
    mark: /(^|\.)(RDB\d|rdb\d|RRDB_trunk|conv_first|residual_group)\b|^model\.1\.sub\./,
    says: "is an upscaler: it enlarges pictures and draws none. Open a Stable Diffusion checkpoint.",
  },
];

/**
 * Lets only files pass that have a U-Net of the original layout, and nothing that makes another thing of it.
 *
 * @throws {Failure} "unsupported" with a sentence that says what the file is.
 */
export function refuseOthers(path: string, names: readonly string[]): void {
  const hasUnet = names.some((name) => name.startsWith("model.diffusion_model.input_blocks."));
  const others = hasUnet ? INSIDE : [...INSIDE, ...OTHERS];
  const other = others.find(({ mark }) => names.some((name) => mark.test(name)));
  if (other) throw new Failure("unsupported", `${path} ${other.says}`);
  if (hasUnet) return;
  const few = names.slice(0, 3).join(", ");
  throw new Failure(
    "unsupported",
    `${path} is no Stable Diffusion checkpoint: wanted tensors named model.diffusion_model.…, it has ${names.length}${few && ` like ${few}`}.`,
  );
}

const OTHER_UNETS: Readonly<Record<number, string>> = {
  5: "a picture by its depth",
  7: "a picture that it is to enlarge",
  8: "a picture that it is to change",
  9: "a picture and a mask, to paint into",
};

/**
 * A U-Net for pictures out of nothing but text reads as many channels as it writes.
 *
 * @param channels the U-Net reads and writes.
 * @throws {Failure} "unsupported".
 */
export function refuseOtherUnets(
  path: string,
  channels: { readonly read: number; readonly written: number },
): void {
  const { read, written } = channels;
  if (read === written) return;
  const what = OTHER_UNETS[read] ?? "something besides the latent";
  throw new Failure(
    "unsupported",
    `${path}: its U-Net reads ${read} channels and writes ${written}: it also wants ${what}. Only checkpoints that draw from text alone run here.`,
  );
}

/**
 * By name and first bytes, before anything is parsed.
 *
 * @throws {Failure} "unsupported" for pickles and for GGUF.
 */
export async function refuseOtherFormats(file: Blob, path: string): Promise<void> {
  const first = new Uint8Array(await file.slice(0, 9).arrayBuffer());
  const isZip = startsWith(first, [0x50, 0x4b, 3, 4]);
  // Pickle's first opcode; a safetensors file may begin so as well, but has the "{" of its header in the ninth place.
  const isBarePickle = first[0] === 0x80 && first[8] !== 0x7b;
  if (isPickle(path) || isZip || isBarePickle) throw pickleRefusal(path);
  if (/\.gguf$/i.test(path) || startsWith(first, [0x47, 0x47, 0x55, 0x46]))
    throw new Failure("unsupported", `${path} is a GGUF file. Get the .safetensors version of the model.`);
}

function startsWith(bytes: Uint8Array, wanted: readonly number[]): boolean {
  return wanted.every((byte, i) => bytes[i] === byte);
}
