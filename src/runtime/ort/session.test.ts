import { fileURLToPath } from "node:url";
import type { Tensor } from "onnxruntime-web";
import { afterAll, expect, it } from "vitest";
import { nodeModelFiles } from "../../cli/nodeFiles";
import { chooseBackend } from "../device/device";
import { Expected, openCase } from "../testing";
import { loadNodeEngine } from "./nodeEngine";
import type { Session } from "./session";
import { type Feeds, type Tensors, takeFloats, toTensors } from "./tensors";

const fixtures = nodeModelFiles(fileURLToPath(new URL("../__fixtures__/", import.meta.url)));
const expected = await Expected.read(fixtures);
const engine = loadNodeEngine(2);
const backend = await chooseBackend("wasm", engine);
const cases = expected.cases.filter(({ network }) => network === "unet");
const [first, second] = cases;
if (!first || !second) throw new Error("wanted two cases of the U-Net");
const unet = await openCase({ engine, backend, fixtures, expected }, first);
afterAll(() => unet.release());

/** The tensors that a run of this network is given, made beforehand. */
function tensorsOf({ ports }: Session, feeds: Feeds): Tensors {
  return toTensors(engine.ort, "unet", ports.inputs, feeds).tensors;
}

function empty(dims: readonly number[]): Tensor {
  return new engine.ort.Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
}

it("fills tensors that were made beforehand, run after run, as a run that makes its own", async () => {
  for (const { inputs } of [first, second, first]) {
    const feeds = expected.feeds(inputs);
    const wanted = takeFloats(await unet.run(feeds));
    const out_sample = empty(wanted.dims);
    const { data } = out_sample;
    await unet.runInto(tensorsOf(unet, feeds), { out_sample });
    expect(out_sample.data).toBe(data);
    expect(data).toEqual(wanted.data);
  }
});

it("refuses an output that is not there, or not of the shape that the inputs make it", async () => {
  const feeds = tensorsOf(unet, expected.feeds(first.inputs));
  const [n = 0, , h = 0, w = 0] = feeds["sample"]?.dims ?? [];
  await expect(unet.runInto(feeds, { noise: empty([n, 4, h, w]) })).rejects.toMatchObject({
    code: "bad-request",
    message: "unet has no output noise, only out_sample.",
  });
  await expect(unet.runInto(feeds, { out_sample: empty([n, 4, h, w + 1]) })).rejects.toMatchObject({
    code: "bad-request",
    message: `An output is float32 [${n}, 4, ${h}, ${w}], and was to be written into float32 [${n}, 4, ${h}, ${w + 1}].`,
  });
});

it("says of its ports what whoever makes their tensors has to know", () => {
  const said = [...unet.ports.inputs, ...unet.ports.outputs].map(({ name, type, shape }) => ({
    [name]: `${type} [${shape.join(", ")}]`,
  }));
  expect(Object.assign({}, ...said)).toEqual({
    sample: "float32 [batch, 4, height, width]",
    timestep: "float32 [batch]",
    encoder_hidden_states: "float32 [batch, tokens, 32]",
    out_sample: "float32 [batch, 4, height, width]",
  });
});
