import { expect, it } from "vitest";
import { floatsToHalves } from "../../checkpoint/weights/dtype";
import { chooseBackend } from "../device/device";
import { loadNodeEngine } from "./nodeEngine";
import { openSession } from "./session";
import { takeFloats } from "./tensors";

/** half: float16 [n], whole: int64 [n] -> sum: float16 [n], as graphs made by others declare their ports. Opset 17, 120 bytes. */
const SUM_GRAPH =
  "CAgSADp0ChsKBXdob2xlEgFjIgRDYXN0KgkKAnRvGAqgAQIKEwoEaGFsZgoBYxIDc3VtIgNBZGQSAWdaEwoEaGFsZhILCgkIChIFCgMSAW5aFAoFd2hvbGUSCwoJCAcSBQoDEgFuYhIKA3N1bRILCgkIChIFCgMSAW5CBAoAEBE=";

const engine = loadNodeEngine(2);
const session = await openSession(engine, await chooseBackend("wasm", engine), {
  name: "sum",
  model: Buffer.from(SUM_GRAPH, "base64"),
  mounts: [],
  output: "host",
});
const whole = { dims: [3], data: Int32Array.of(1, -2, 3) };

it("gives a graph float16 and int64 where it asks for them, and takes float16 back", async () => {
  const half = { dims: [3], data: Float32Array.of(0.5, 0.25, -3) };
  const sum = takeFloats(await session.run({ half, whole }));
  expect(sum).toEqual({ dims: [3], data: Float32Array.of(1.5, -1.75, 0) });
});

it("a tensor made before stays its owner's, and must be of the port's own dtype", async () => {
  const half = new engine.ort.Tensor("float16", floatsToHalves(Float32Array.of(1, 2, 3)), [3]);
  for (const _ of [1, 2])
    expect(takeFloats(await session.run({ half, whole })).data).toEqual(Float32Array.of(2, 0, 6));
  const float = new engine.ort.Tensor("float32", Float32Array.of(1, 2, 3), [3]);
  await expect(session.run({ half: float, whole })).rejects.toMatchObject({
    code: "bad-request",
    message: "sum: input half: wanted float16 [n], got float32 [3].",
  });
});

it("a network that gives no floats is refused", () => {
  const ids = new engine.ort.Tensor("int32", Int32Array.of(1), [1]);
  expect(() => takeFloats(ids)).toThrow(expect.objectContaining({ code: "unsupported" }));
});
