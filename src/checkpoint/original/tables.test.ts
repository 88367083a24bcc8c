import fc from "fast-check";
import { expect, it } from "vitest";
import { Failure } from "../../core/failure";
import { readHeader } from "../weights/safetensors";
import { networksOf } from "./parts";
import { named, readNames, type Shapes, safetensors } from "./testing";
import { clipTable, openClipTable } from "./textTable";
import { unetTable } from "./unetTable";
import { vaeTable } from "./vaeTable";

const NETWORK_NAMES = { unet: "unet", vae_decoder: "vae", text_encoder: "text_encoder" } as const;
const names = readNames();
const models = ["SD 1.x", "SD 2.x, v-prediction"].map((name) => named(names, name));

async function networks(shapes: Shapes) {
  const file = safetensors(shapes);
  return networksOf(file, "x.safetensors", await readHeader(file, "x.safetensors"));
}

it("[CK57] levels and layers are counted as each side counts them", () => {
  const weights = (...modules: string[]) => modules.map((name) => `${name}.weight`);
  const table = unetTable(
    weights(
      "input_blocks.0.0",
      "input_blocks.1.0.in_layers.0",
      "input_blocks.1.1.proj_in",
      "input_blocks.2.0.op",
      "input_blocks.3.0.out_layers.3",
      "middle_block.0.emb_layers.1",
      "middle_block.1.norm",
      "middle_block.2.skip_connection",
      "output_blocks.0.0.in_layers.2",
      "output_blocks.1.0.in_layers.2",
      "output_blocks.1.1.conv",
      "output_blocks.2.0.in_layers.2",
      "output_blocks.2.1.transformer_blocks.0.attn1.to_out.0",
      "output_blocks.2.2.conv",
      "output_blocks.3.0.in_layers.2",
      "time_embed.cond_proj",
    ),
  );
  expect([...table.keys()]).toEqual(
    weights(
      "conv_in",
      "down_blocks.0.resnets.0.norm1",
      "down_blocks.0.attentions.0.proj_in",
      "down_blocks.0.downsamplers.0.conv",
      "down_blocks.1.resnets.0.conv2",
      "mid_block.resnets.0.time_emb_proj",
      "mid_block.attentions.0.norm",
      "mid_block.resnets.1.conv_shortcut",
      "up_blocks.0.resnets.0.conv1",
      "up_blocks.0.resnets.1.conv1",
      "up_blocks.0.upsamplers.0.conv",
      "up_blocks.1.resnets.0.conv1",
      "up_blocks.1.attentions.0.transformer_blocks.0.attn1.to_out.0",
      "up_blocks.1.upsamplers.0.conv",
      "up_blocks.2.resnets.0.conv1",
      "time_embedding.cond_proj",
    ),
  );
});

it("[CK57] the decoder's levels are counted from the other end", () => {
  const table = vaeTable([
    "encoder.down.0.downsample.conv.bias",
    "encoder.down.1.block.0.nin_shortcut.weight",
    "decoder.mid.attn_1.proj_out.weight",
    "decoder.up.0.block.2.conv1.weight",
    "decoder.up.1.upsample.conv.weight",
    "loss.logvar",
  ]);
  expect([...table.keys()]).toEqual([
    "encoder.down_blocks.0.downsamplers.0.conv.bias",
    "encoder.down_blocks.1.resnets.0.conv_shortcut.weight",
    "decoder.mid_block.attentions.0.to_out.0.weight",
    "decoder.up_blocks.1.resnets.2.conv1.weight",
    "decoder.up_blocks.0.upsamplers.0.conv.weight",
  ]);
});

it("[CK57] a text encoder may lack text_model. in its names", () => {
  const bare = [
    "embeddings.token_embedding.weight",
    "encoder.layers.0.mlp.fc1.bias",
    "embeddings.position_ids",
  ];
  expect([...clipTable(bare).keys()]).toEqual(bare.slice(0, 2).map((name) => `text_model.${name}`));
});

it("[CK58] one parameter under two names is refused", () => {
  const twice = ["encoder.layers.0.mlp.fc1.bias", "text_model.encoder.layers.0.mlp.fc1.bias"];
  expect(() => clipTable(twice)).toThrow(/are both text_model.encoder.layers.0.mlp.fc1.bias/);
  expect(() => unetTable(["cond_proj.weight", "time_embed.cond_proj.weight"])).toThrow(
    /are both time_embedding/,
  );
});

it.each<[string, () => unknown, RegExp]>([
  [
    "a U-Net",
    () => unetTable(["input_blocks.0.0.bias", "input_blocks.2.0.op.bias"]),
    /input_blocks.1 is missing/,
  ],
  ["an autoencoder", () => vaeTable(["decoder.up.1.block.0.norm1.bias"]), /decoder.up.0 is missing/],
  ["CLIP", () => clipTable(["encoder.layers.1.mlp.fc1.bias"]), /encoder.layers.0 is missing/],
  [
    "OpenCLIP",
    () => openClipTable(["transformer.resblocks.1.ln_1.bias"]),
    /transformer.resblocks.0 is missing/,
  ],
])("[CK58] %s that lost a block is refused, not taken for a smaller one", (_, make, reason) => {
  expect(make).toThrow(reason);
});

it.each<[string, string, readonly number[]]>([
  ["a projection that is no matrix", "text_projection", [3]],
  ["a fused tensor that has no thirds", "transformer.resblocks.0.attn.in_proj_bias", [10]],
  ["a fused tensor without rows", "transformer.resblocks.0.attn.in_proj_weight", []],
])("[CK58] %s is refused", async (_, name, shape) => {
  const broken = {
    ...named(names, "SD 2.x, v-prediction").original,
    [`cond_stage_model.model.${name}`]: shape,
  };
  await expect(networks(broken)).rejects.toMatchObject({
    code: "model-corrupt",
    message: expect.stringMatching(name),
  });
});

/** Tables that hold what diffusers would want in every name and shape. */
async function isWhole(shapes: Shapes, wanted: (typeof models)[number]): Promise<boolean> {
  const found = await networks(shapes);
  return Object.entries(NETWORK_NAMES).every(([name, folder]) =>
    Object.keys(wanted.networks[folder] ?? {}).every((parameter) =>
      [...found].some(([network, parameters]) => network === name && parameters.has(parameter)),
    ),
  );
}

it("[CK58] tensors lost, renamed or added never give a whole network or a crash", async () => {
  const edits = fc.record({
    model: fc.constantFrom(...models),
    place: fc.nat(),
    edit: fc.constantFrom("drop", "rename", "copy"),
    suffix: fc.constantFrom("x", ".weight", ".0", ".bias", "0"),
  });
  await fc.assert(
    fc.asyncProperty(edits, async ({ model, place, edit, suffix }) => {
      const used = Object.keys(model.original).filter((name) => isUsed(model, name));
      const name = used[place % used.length] ?? "";
      const { [name]: shape = [], ...rest } = model.original;
      const edited = edit === "drop" ? rest : { ...rest, [name + suffix]: shape };
      const shapes = edit === "copy" ? { ...edited, [name]: shape } : edited;
      const outcome = await isWhole(shapes, model).catch((error: unknown) => error);
      if (outcome instanceof Failure)
        expect(outcome.code).toMatch(/^(model-corrupt|model-missing|unsupported)$/);
      else expect(outcome).toBe(edit === "copy");
    }),
    { numRuns: 80 },
  );
});

/** Not what a training left behind, and not a layer beyond those that the configurations know of. */
function isUsed({ configs }: (typeof models)[number], name: string): boolean {
  const layer = /resblocks\.(\d+)\./.exec(name)?.[1];
  const isBeyond =
    layer !== undefined && Number(layer) >= Number(configs["text_encoder"]?.["num_hidden_layers"]);
  const isLeftOver = /^(model_ema|alphas)|position_ids$|logit_scale$|text_projection$/.test(name);
  return !isBeyond && !isLeftOver;
}

it("[CK58] names of any kind give a table or a Failure", () => {
  const part = fc.constantFrom(
    "input_blocks",
    "output_blocks",
    "middle_block",
    "0",
    "1",
    "conv",
    "op",
    "norm",
    "weight",
    "constructor",
  );
  const name = fc.oneof(
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join(".")),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 8 }), (all) => {
      for (const table of [unetTable, vaeTable, clipTable, openClipTable]) {
        try {
          expect(new Set(table(all).keys()).size).toBe(table(all).size);
        } catch (failure) {
          expect(failure).toBeInstanceOf(Failure);
        }
      }
    }),
  );
});
