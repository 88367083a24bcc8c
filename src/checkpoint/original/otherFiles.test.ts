import { expect, it } from "vitest";
import { singleFileSource } from "./singleFileSource";
import { graphsFor, named, publish, readNames, safetensors, scheduler } from "./testing";

const sd1 = named(readNames(), "SD 1.x");

async function refusal(file: Blob, path = "dropped.safetensors"): Promise<unknown> {
  const published = publish(sd1, { plain: scheduler("epsilon") });
  const options = { published, graphs: await graphsFor(sd1, ["plain"]) };
  return singleFileSource(file, path, options).catch((error: unknown) => error);
}

const holding = (...names: string[]) => safetensors(Object.fromEntries(names.map((name) => [name, [1]])));

it.each<[string, readonly string[], RegExp]>([
  ["kohya's LoRA", ["lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight"], /is a LoRA/],
  ["PEFT's LoRA", ["unet.down_blocks.0.attentions.0.to_q.lora_A.weight"], /is a LoRA/],
  [
    "diffusers' old LoRA",
    ["mid_block.attn1.processor.to_q_lora.up.weight", "x.to_k_lora.down.weight"],
    /is a LoRA/,
  ],
  ["a LoHa", ["lora_te_text_model_encoder_layers_0_mlp_fc1.hada_w1_a"], /is a LoRA/],
  ["a LoKr", ["lycoris_x.lokr_w1"], /is a LoRA/],
  ["a LoRA of FLUX", ["transformer.single_transformer_blocks.0.attn.to_q.lora_B.weight"], /is a LoRA/],
  ["a textual inversion", ["emb_params"], /is a textual inversion/],
  ["SDXL's textual inversion", ["clip_g", "clip_l"], /is a textual inversion/],
  ["diffusers' textual inversion", ["<cat-toy>"], /is a textual inversion/],
  ["a ControlNet of the original layout", ["control_model.input_blocks.0.0.weight"], /holds a ControlNet/],
  ["diffusers' ControlNet", ["controlnet_cond_embedding.conv_in.weight", "down_blocks.0.x"], /a ControlNet/],
  ["a ControlNet-LLLite", ["lllite_unet_input_blocks_4_1.down.0.weight"], /holds a ControlNet/],
  ["an IP-Adapter", ["image_proj.proj.weight", "ip_adapter.1.to_k_ip.weight"], /is an IP-Adapter/],
  ["a T2I-Adapter", ["adapter.body.0.in_conv.weight"], /is a T2I-Adapter/],
  ["motion modules", ["down_blocks.0.motion_modules.0.temporal_transformer.norm.bias"], /moving pictures/],
  ["FLUX", ["model.diffusion_model.double_blocks.0.img_attn.norm.key_norm.scale"], /is a FLUX model/],
  ["diffusers' FLUX", ["single_transformer_blocks.0.attn.to_q.weight"], /is a FLUX model/],
  ["Chroma", ["distilled_guidance_layer.in_proj.bias", "double_blocks.0.x"], /is a Chroma model/],
  [
    "SD 3",
    ["model.diffusion_model.joint_blocks.0.context_block.mlp.fc1.bias"],
    /is a Stable Diffusion 3 model/,
  ],
  ["diffusers' SD 3", ["transformer_blocks.0.attn.add_q_proj.weight"], /is a Stable Diffusion 3 model/],
  ["Stable Cascade", ["clip_txt_mapper.weight", "down_blocks.0.1.channelwise.0.weight"], /Stable Cascade/],
  ["Z-Image", ["model.diffusion_model.cap_embedder.0.weight"], /is a diffusion transformer/],
  ["Qwen-Image", ["model.diffusion_model.txt_in.weight"], /is a diffusion transformer/],
  ["HiDream", ["double_stream_blocks.0.block.adaLN_modulation.1.bias"], /is a diffusion transformer/],
  [
    "Wan",
    ["model.diffusion_model.head.modulation", "model.diffusion_model.blocks.0.x"],
    /diffusion transformer/,
  ],
  ["PixArt", ["transformer_blocks.0.attn1.to_q.weight"], /is a diffusion transformer/],
  [
    "diffusers' U-Net",
    ["conv_in.weight", "down_blocks.0.resnets.0.conv1.weight"],
    /unet\/diffusion_pytorch_model/,
  ],
  ["a U-Net without its prefix", ["input_blocks.0.0.weight", "out.0.weight"], /has only a U-Net/],
  ["averages alone", ["model_ema.diffusion_modelinput_blocks00weight"], /averages over the training/],
  [
    "an autoencoder",
    ["decoder.conv_in.weight", "encoder.down.0.block.0.conv1.weight"],
    /an autoencoder alone/,
  ],
  ["diffusers' autoencoder", ["decoder.mid_block.attentions.0.to_q.weight"], /an autoencoder alone/],
  ["TAESD", ["decoder.layers.0.weight"], /is an autoencoder alone/],
  ["a text encoder", ["text_model.encoder.layers.0.mlp.fc1.bias"], /is a text encoder alone/],
  ["OpenCLIP", ["transformer.resblocks.0.ln_1.bias"], /is a text encoder alone/],
  ["T5", ["encoder.block.0.layer.0.SelfAttention.k.weight", "shared.weight"], /is a text encoder alone/],
  ["an upscaler", ["conv_first.weight", "body.0.rdb1.conv1.weight"], /is an upscaler/],
  ["nothing known", ["a", "b"], /no Stable Diffusion checkpoint.*it has 2 like a, b\./],
  ["nothing", [], /it has 0\./],
])("[CK54] %s is refused by its name", async (_, names, reason) => {
  const failure = await refusal(holding(...names));
  expect(failure).toMatchObject({ code: "unsupported", message: expect.stringMatching(reason) });
  expect(failure).toMatchObject({ message: expect.stringMatching(/^dropped\.safetensors /) });
});

it.each<[string, readonly string[], RegExp]>([
  ["a ControlNet", ["control_model.input_hint_block.0.weight"], /holds a ControlNet/],
  ["video", ["model.diffusion_model.input_blocks.1.0.time_stack.in_layers.0.bias"], /moving pictures/],
  ["EDM", ["edm_mean", "edm_std"], /EDM's noise levels/],
  ["CosXL", ["edm_vpred.sigma_max"], /EDM's noise levels/],
  ["unCLIP", ["noise_augmentor.time_embed.0.weight"], /is an unCLIP model/],
  [
    "two text encoders of one place",
    ["conditioner.embedders.0.transformer.text_model.final_layer_norm.bias"],
    /two of/,
  ],
  [
    "strange blocks",
    ["model.diffusion_model.input_blocks.1.0.in_layers.7.weight"],
    /input_blocks.1.0.in_layers.7.weight, which no/,
  ],
  ["strange parts", ["model.diffusion_model.pos_embed"], /pos_embed, which no Stable Diffusion U-Net/],
  [
    "an autoencoder of another kind",
    ["first_stage_model.encoder.down.0.attn.0.q.weight"],
    /down.0.attn.0.q.weight, which no/,
  ],
  [
    "a text encoder of another kind",
    ["cond_stage_model.transformer.shared.weight"],
    /shared.weight, which no/,
  ],
])("[CK54] a checkpoint with %s in it is refused", async (_, names, reason) => {
  const file = safetensors({ ...sd1.original, ...Object.fromEntries(names.map((name) => [name, [1]])) });
  expect(await refusal(file)).toMatchObject({ code: "unsupported", message: expect.stringMatching(reason) });
});

it("[CK54] SDXL's refiner is known by where its text encoder is", async () => {
  const sdxl = named(readNames(), "SDXL").original;
  const rest = Object.entries(sdxl).filter(([name]) => !name.startsWith("conditioner.embedders.0."));
  const moved = rest.map(([name, shape]) => [name.replace("embedders.1.", "embedders.0."), shape]);
  expect(await refusal(safetensors(Object.fromEntries(moved)))).toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(/is SDXL's refiner/),
  });
});

it.each([
  [9, /a picture and a mask/],
  [8, /a picture that it is to change/],
  [5, /a picture by its depth/],
  [6, /something besides the latent/],
])("[CK55] a U-Net that reads %i channels wants more than a text", async (channels, reason) => {
  const file = safetensors({
    ...sd1.original,
    "model.diffusion_model.input_blocks.0.0.weight": [16, channels, 3, 3],
  });
  expect(await refusal(file)).toMatchObject({ code: "unsupported", message: expect.stringMatching(reason) });
});

it.each<[string, BlobPart, string, RegExp]>([
  ["a .ckpt", "anything", "model.ckpt", /is a pickle, which can run code/],
  ["a .bin", "anything", "model.bin", /is a pickle/],
  ["a .PT", "anything", "model.PT", /is a pickle/],
  ["a zipped pickle under another name", "PK\u0003\u0004....", "model.safetensors", /is a pickle/],
  [
    "a bare pickle under another name",
    new Uint8Array([0x80, 2, 0x7d, 0x71, 0, 0, 0, 0, 0x28]),
    "m.safetensors",
    /is a pickle/,
  ],
  ["GGUF", "GGUF....", "model.safetensors", /is a GGUF file/],
])("[CK56] %s is not read", async (_, bytes, path, reason) => {
  expect(await refusal(new Blob([bytes]), path)).toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(reason),
  });
});

it("[CK56] a header of any length is no pickle", async () => {
  const padding = "x".repeat(0x280);
  for (const wanted of [0x80, 0x280]) {
    const empty = safetensors({}, { padding: "" });
    const file = safetensors({}, { padding: padding.slice(0, wanted - (empty.size - 8)) });
    expect(new DataView(await file.slice(0, 1).arrayBuffer()).getUint8(0)).toBe(0x80);
    expect(await refusal(file)).toMatchObject({
      message: expect.stringMatching(/no Stable Diffusion checkpoint/),
    });
  }
});
