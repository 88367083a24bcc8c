/** Counts what a GPU device holds and what the host reads from it. Whatever makes buffers through it is counted, ONNX Runtime too. */

import { MAP_MODE_READ } from "../../runtime/device/bufferUsage";

/** The buffers of a device, in bytes. */
export interface GpuMeter {
  /** Bytes of the buffers that were made and not destroyed. */
  readonly liveBytes: number;
  /** The most that were alive at once. */
  readonly peakBytes: number;
  /** Bytes that were mapped to be read on the host, since the beginning. */
  readonly readBytes: number;
}

/** Counts from now on: to be called before the first buffer is made. */
export function meterDevice(device: Pick<GPUDevice, "createBuffer">): GpuMeter {
  const meter = { liveBytes: 0, peakBytes: 0, readBytes: 0 };
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    meter.liveBytes += buffer.size;
    meter.peakBytes = Math.max(meter.peakBytes, meter.liveBytes);
    let heldBytes = buffer.size;
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      // A buffer may be destroyed twice.
      meter.liveBytes -= heldBytes;
      heldBytes = 0;
      destroy();
    };
    const map = buffer.mapAsync.bind(buffer);
    buffer.mapAsync = (mode, offset = 0, size = buffer.size - offset) => {
      if (mode === MAP_MODE_READ) meter.readBytes += size;
      return map(mode, offset, size);
    };
    return buffer;
  };
  return meter;
}
