/** The bytes of a device's buffers are counted from the first to the last, and so are those that the host reads. */

import { expect, it } from "vitest";
import { meterDevice } from "./gpuMeter";

/** A device that only says how large its buffers are. */
function fakeDevice(): Pick<GPUDevice, "createBuffer"> {
  return {
    createBuffer: ({ size }) =>
      ({ size, destroy: () => undefined, mapAsync: async () => undefined }) as unknown as GPUBuffer,
  };
}

const READ = 1;
const WRITE = 2;

it("counts what is alive, once for each buffer however often it is destroyed", () => {
  const device = fakeDevice();
  const meter = meterDevice(device);
  const first = device.createBuffer({ size: 100, usage: 0 });
  const second = device.createBuffer({ size: 20, usage: 0 });
  expect(meter.liveBytes).toBe(120);
  first.destroy();
  first.destroy();
  expect(meter.liveBytes).toBe(20);
  device.createBuffer({ size: 3, usage: 0 });
  second.destroy();
  expect(meter).toMatchObject({ liveBytes: 3, peakBytes: 120 });
});

it("counts the bytes that are mapped to be read, a whole buffer or a part, and none that are mapped to be written", async () => {
  const device = fakeDevice();
  const meter = meterDevice(device);
  const buffer = device.createBuffer({ size: 100, usage: 0 });
  await buffer.mapAsync(WRITE);
  expect(meter.readBytes).toBe(0);
  await buffer.mapAsync(READ);
  await buffer.mapAsync(READ, 64);
  await buffer.mapAsync(READ, 0, 8);
  expect(meter.readBytes).toBe(100 + 36 + 8);
});
