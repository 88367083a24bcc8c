import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { counting, folderOf, safetensorsOf } from "../../runtime/testing";
import type { Config, StoredNetwork } from "../checkpoint";
import type { GraphLibrary } from "../modelFiles";
import { readHeader } from "../weights/safetensors";
import { parameterOf } from "../weights/weightFiles";
import { chooseGraph, parametersHash, readFamilies } from "./families";
import { ModelProtoSchema, TensorProto_DataLocation } from "./onnx_pb";

type Shapes = Readonly<Record<string, readonly number[]>>;

/** A graph that wants these parameters. */
function graphOf(shapes: Shapes, dataType: number): Blob {
  const initializer = Object.entries(shapes).map(([name, dims]) => ({
    name,
    dims: dims.map(BigInt),
    dataType,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
  }));
  return new Blob([toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph: { initializer } }))]);
}

async function network(shapes: Shapes, config: Config = {}): Promise<StoredNetwork> {
  const file = safetensorsOf(counting(shapes));
  const header = await readHeader(file, "x");
  return {
    parameters: new Map([...header].map(([name, tensor]) => [name, parameterOf(file, tensor)])),
    config,
  };
}

/** Families that bring a U-Net each. */
async function libraryOf(
  families: Readonly<Record<string, { shapes: Shapes; config?: Config; f16?: string }>>,
) {
  const files: Record<string, Blob | object> = {};
  for (const [family, { shapes, config = {}, f16 = "unet.f16.onnx" }] of Object.entries(families)) {
    const parameters = await parametersHash((await network(shapes)).parameters);
    const graphs = { f32: "unet.f32.onnx", f16 };
    files[`${family}/family.json`] = { name: family, networks: { unet: { graphs, parameters, config } } };
    files[`${family}/unet.f32.onnx`] = graphOf(shapes, 1);
    files[`${family}/unet.f16.onnx`] = graphOf(shapes, 10);
  }
  const graphs: GraphLibrary = { ...folderOf(files), families: Object.keys(families) };
  return { graphs, families: await readFamilies(graphs) };
}

const SMALL = { "conv_in.weight": [4, 3], "conv_in.bias": [4] };
const LARGE = { "conv_in.weight": [8, 3], "conv_in.bias": [8] };

describe("the graph that fits", () => {
  it("[CK27] is that of the parameters' names and shapes, in the precision that was asked for", async () => {
    const library = await libraryOf({ a: { shapes: SMALL }, b: { shapes: LARGE } });
    expect((await chooseGraph(library, "unet", await network(SMALL), "f32")).path).toBe("a/unet.f32.onnx");
    const { path, bound } = await chooseGraph(library, "unet", await network(LARGE), "f16");
    expect([path, bound.openBytes]).toEqual(["b/unet.f16.onnx", 2 * 32]);
  });

  it("[CK27] has the checkpoint's constants; a key that its config lacks agrees, and one for all blocks is one for each", async () => {
    const library = await libraryOf({
      a: { shapes: SMALL, config: { heads: 8, act: "silu" } },
      b: { shapes: SMALL, config: { heads: 5, act: "silu" } },
    });
    const chosen = async (config: Config) =>
      (await chooseGraph(library, "unet", await network(SMALL, config), "f32")).path;
    expect(await chosen({ heads: 5, sample_size: 64 })).toBe("b/unet.f32.onnx");
    expect(await chosen({ heads: [8, 8] })).toBe("a/unet.f32.onnx");
    expect(await chosen({})).toBe("a/unet.f32.onnx");
  });

  it("[CK27] has nothing switched on that the checkpoint does not mention, where there is such a one; null is off", async () => {
    const library = await libraryOf({
      upcast: { shapes: SMALL, config: { upcast: true } },
      plain: { shapes: SMALL, config: { upcast: false } },
    });
    const chosen = async (config: Config) =>
      (await chooseGraph(library, "unet", await network(SMALL, config), "f32")).path;
    for (const config of [{}, { upcast: null }, { upcast: false }])
      expect(await chosen(config)).toBe("plain/unet.f32.onnx");
    expect(await chosen({ upcast: true })).toBe("upcast/unet.f32.onnx");
  });

  it("[CK28] may want less than the checkpoint has; of two that do, the one that uses more of it", async () => {
    const library = await libraryOf({
      decoder: { shapes: { "conv_in.bias": [4] } },
      both: { shapes: SMALL },
    });
    const found = await chooseGraph(library, "unet", await network({ ...SMALL, extra: [9] }), "f32");
    expect(found.path).toBe("both/unet.f32.onnx");
    expect([...found.bound.bindings.keys()]).toEqual(Object.keys(SMALL));
  });

  it("[CK29] takes layers that were saved as 1x1 convolutions", async () => {
    const library = await libraryOf({ a: { shapes: SMALL } });
    const convolutions = { ...SMALL, "conv_in.weight": [4, 3, 1, 1] };
    const { bound } = await chooseGraph(library, "unet", await network(convolutions), "f32");
    expect(bound.bindings.get("conv_in.weight")?.dims).toEqual([4, 3]);
  });
});

describe("none", () => {
  const refused = async (
    library: Awaited<ReturnType<typeof libraryOf>>,
    stored: StoredNetwork,
    message: RegExp,
  ) =>
    expect(chooseGraph(library, "unet", stored, "f32")).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(message),
    });

  it("[CK30] says what was found, which comes nearest, and where that differs", async () => {
    const library = await libraryOf({
      a: { shapes: SMALL, config: { heads: 8, cross_attention_dim: 768, act: "silu" } },
      b: { shapes: SMALL, config: { heads: 5, cross_attention_dim: 1024, act: "gelu" } },
    });
    await refused(
      library,
      await network(SMALL, { heads: 8, cross_attention_dim: 512, act: "silu", block_out_channels: [4] }),
      /^unet: there is no graph for this one \(block_out_channels \[4\], cross_attention_dim 512, 2 parameters\)\. Nearest is a: cross_attention_dim is 768 there and 512 here\.$/,
    );
  });

  it("[CK30] names a parameter that is missing, and one of another shape", async () => {
    const library = await libraryOf({ a: { shapes: SMALL } });
    await refused(
      library,
      await network({ "conv_in.bias": [4] }),
      /Nearest is a, which wants conv_in\.weight, which is missing here\.$/,
    );
    await refused(
      library,
      await network(LARGE),
      /wants conv_in\.weight as \[4, 3\], which is \[8, 3\] here; wants conv_in\.bias/,
    );
  });

  it("[CK30] tells many differences by three of them", async () => {
    const shapes = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, [1, 2]]));
    await refused(
      await libraryOf({ a: { shapes } }),
      await network(SMALL),
      /p0.*; .*p1.*; .*p2.*; and 6 more\.$/,
    );
  });

  it("[CK30] a dtype that nothing converts is told as such, not as another family", async () => {
    const library = await libraryOf({ a: { shapes: { p: [2] } } });
    const stored = await network({ p: [2] });
    const p = stored.parameters.get("p") ?? expect.fail("no p");
    const parameters = new Map([["p", { ...p, dtype: "F64", end: p.begin + 16 }]]);
    await refused(library, { parameters, config: {} }, /p is stored as F64; wanted F32, F16 or BF16/);
  });

  it("[CK30] no family has such a network", async () => {
    await refused(
      await libraryOf({}),
      await network(SMALL),
      /2 parameters\)\. No family has a graph for such a network\.$/,
    );
  });
});
