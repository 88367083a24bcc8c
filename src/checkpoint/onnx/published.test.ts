import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { nodePublishedConfigs } from "../../cli/nodeFiles";
import { readModel } from "../model";
import { onnxSource } from "./onnxSource";
import { type DialectLike, filesOf, folderOf } from "./testing";

const published = nodePublishedConfigs(fileURLToPath(new URL("../../../models/published", import.meta.url)));

/** The model that a folder of nothing but ONNX files is taken for. */
async function modelOf(dialect: DialectLike) {
  const { files } = await onnxSource(filesOf(folderOf(dialect)), published);
  return readModel(async (path) => (await files.open(path))?.text() ?? null);
}

const hidden = (width: number) => ["encoder_hidden_states", "float32", ["batch_size", 77, width]] as const;

// Vocabularies of 49,408 words are read seven times over.
describe("a folder of nothing but graphs", { timeout: 120_000 }, () => {
  it("[CK67] of Stable Diffusion 1.5's width is Stable Diffusion 1.5, at the size that it is pinned to", async () => {
    const sample = ["sample", "float32", [2, 4, 40, 56]] as const;
    const { card, tokenizers, wantsTimeIds } = await modelOf({ hidden: hidden(768), sample });
    expect(card.defaults).toMatchObject({ sampler: "pndm", widthPx: 448, heightPx: 320, guidanceScale: 7.5 });
    expect([...tokenizers[0].encode("a fox").ids.slice(0, 6)]).toEqual([
      49406, 320, 3240, 49407, 49407, 49407,
    ]);
    expect(wantsTimeIds).toBe(false);
  });

  it("[CK67] of 1024 is a Turbo, whose prompts are filled up with id 0", async () => {
    const { card, tokenizers } = await modelOf({ hidden: hidden(1024) });
    expect(card.defaults).toMatchObject({ widthPx: 512, guidanceScale: 1 });
    expect(card.defaults.steps).toBeLessThanOrEqual(4);
    expect([...tokenizers[0].encode("a fox").ids.slice(2, 6)]).toEqual([3240, 49407, 0, 0]);
  });

  it("[CK67] with two encoders and 2048 is SDXL's Turbo, with a tokenizer for each", async () => {
    const { card, tokenizers, wantsTimeIds } = await modelOf({ isTwo: true, hidden: hidden(2048) });
    expect(card.defaults.guidanceScale).toBe(1);
    const [first, second] = tokenizers.map((tokenizer) => tokenizer.encode("a fox").ids[76]);
    expect([first, second, wantsTimeIds]).toEqual([49407, 0, true]);
  });

  it("[CK67] with a guidance embedding is LCM", async () => {
    const model = await modelOf({ hidden: hidden(768), guidance: ["batch_size", 256] });
    expect([model.guidanceEmbeddingWidth, model.card.defaults.sampler]).toEqual([256, "lcm"]);
  });
});
