/** The U-Net with its kernels recorded for the sizes that are drawn, against the same U-Net without. */

import { keepTensors } from "../../src/bench/instruments/keptTensors";
import { recordingEngine } from "../../src/bench/instruments/recordingEngine";
import { switched } from "../../src/bench/instruments/switched";
import type { ModelFiles } from "../../src/checkpoint/modelFiles";
import { asFailure } from "../../src/core/failure";
import { elementCount, type HostTensor } from "../../src/core/tensor";
import type { GpuBackend } from "../../src/runtime/device/device";
import { GpuLatentDevice } from "../../src/runtime/gpu/gpuLatentDevice";
import { openModel } from "../../src/runtime/networks/load";
import { openCapturedSession } from "../../src/runtime/ort/capturedSession";
import type { Engine } from "../../src/runtime/ort/engine";
import type { Session } from "../../src/runtime/ort/session";
import { type Feeds, toTensors } from "../../src/runtime/ort/tensors";
import {
  type Case,
  type Expected,
  maxDifference,
  sessionOptionsOf,
  smallModel,
} from "../../src/runtime/testing";
import type { Answer } from "./page";

/** The devices that the small model is opened on. */
interface Site {
  readonly engine: Engine;
  readonly backend: GpuBackend;
  readonly fixtures: ModelFiles;
  readonly expected: Expected;
}

/** One run of a U-Net, with tensors that are of no other run. */
class Runs {
  readonly #site: Site;
  readonly #latentDevice: GpuLatentDevice;
  /** The host asks for one of these for every kernel that it sends itself. */
  bindGroups = 0;

  constructor(site: Site) {
    const { device } = site.backend.gpu;
    this.#site = site;
    this.#latentDevice = new GpuLatentDevice(site.backend.gpu);
    const make = device.createBindGroup.bind(device);
    device.createBindGroup = (descriptor) => {
      this.bindGroups++;
      return make(descriptor);
    };
  }

  /** @param dims of the prediction. */
  async predict(session: Session, feeds: Feeds, dims = feeds["sample"]?.dims ?? []): Promise<HostTensor> {
    const { engine, backend } = this.#site;
    const { tensors } = toTensors(engine.ort, "unet", session.ports.inputs, feeds);
    const kept = keepTensors(engine.ort, backend, tensors);
    const buffer = this.#latentDevice.buffers.take(elementCount(dims) * Float32Array.BYTES_PER_ELEMENT);
    const out_sample = engine.ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims });
    this.bindGroups = 0;
    await session.runInto(kept.tensors, { out_sample });
    kept.dispose();
    return this.#latentDevice.read(this.#latentDevice.view(buffer, { dtype: "float32", dims, offset: 0 }));
  }

  dispose(): void {
    this.#latentDevice.dispose();
  }
}

/** The same size with other numbers, another size, and the first again, each run with tensors of its own. */
export async function recording(site: Site): Promise<Answer> {
  const { expected } = site;
  const [one, other] = expected.cases.filter(({ network }) => network === "unet");
  if (!one || !other) throw new Error("wanted two cases of the U-Net");
  const runs = new Runs(site);
  const options = { ...smallModel(site.fixtures), engine: site.engine, backend: site.backend };
  const { engine } = recordingEngine(site.engine, switched({ capture: "never", layout: "NCHW" }));
  const plain = await openModel({ ...options, engine });
  const recorded = await openModel({ ...options, captureRule: "always" });
  const numbers: Record<string, number> = {};
  for (const [name, feeds] of Object.entries({
    "first run": expected.feeds(one.inputs),
    "second run": expected.feeds(one.inputs),
    "third run": halved(expected.feeds(one.inputs)),
    "fourth run": expected.feeds(one.inputs),
    "another size": expected.feeds(other.inputs),
    "the first size again": halved(expected.feeds(one.inputs)),
  })) {
    const wanted = await plain.networks.use("unet", (session) => runs.predict(session, feeds));
    const got = await recorded.networks.use("unet", (session) => runs.predict(session, feeds));
    numbers[name] = maxDifference(got.data, wanted.data);
    numbers[`${name}, bind groups`] = runs.bindGroups;
  }
  const feeds = expected.feeds(one.inputs);
  const before = await plain.networks.use("unet", (session) => runs.predict(session, feeds));
  const failed = await plain.networks.use("unet", (session) =>
    runs.predict(session, feeds, [9, 4, 9, 9]).then(
      () => "no failure",
      (error: unknown) => asFailure(error).code,
    ),
  );
  const after = await plain.networks.use("unet", (session) => runs.predict(session, halved(feeds)));
  const again = await plain.networks.use("unet", (session) => runs.predict(session, feeds));
  numbers["after a failed run"] = maxDifference(again.data, before.data);
  const refused = await refusal(site, one);
  await recorded.networks.close();
  await plain.networks.close();
  runs.dispose();
  return {
    numbers,
    words: { refused, failed, afterDiffers: String(maxDifference(after.data, before.data) > 1e-3) },
  };
}

/** A graph whose extents are free has work for the CPU. */
async function refusal(site: Site, one: Case): Promise<string> {
  const options = await sessionOptionsOf(site, one);
  const network = await openCapturedSession(site.engine, site.backend, options);
  await network?.release();
  return String(network === null);
}

function halved(feeds: Feeds): Feeds {
  const { sample } = feeds;
  if (!sample || !(sample.data instanceof Float32Array)) throw new Error("wanted a latent on the host");
  return { ...feeds, sample: { dims: sample.dims, data: sample.data.map((value) => value / 2) } };
}
