/** Operators of optimised graphs that ONNX Runtime Web cannot run, on the GPU or on the CPU. */

import { Failure } from "../../core/failure";
import type { OnnxFile } from "./onnxFile";

/** Fusions for CUDA and ROCm, by onnxruntime 1.30's list of kernels; the release in use has none of them. */
const WITHOUT_KERNELS = new Set(
  ["NhwcConv", "GroupNorm", "SkipGroupNorm", "BiasAdd", "BiasSplitGelu"].map(
    (name) => `com.microsoft:${name}`,
  ),
);
/** Domains of graphs that were saved for one machine: oneDNN's blocked layouts, DirectML, TensorRT, Qualcomm, OpenVINO. */
const OTHER_MACHINES =
  /^(com\.microsoft\.(nchwc|dml)|com\.ms\.internal\..+|trt(\.plugins)?|com\.nvidia.*|com\.qti.*|com\.intel.*|org\.openvinotoolkit):/i;
/** Operators that stand for a compiled part of a graph, which only the machine that compiled it can run. */
const COMPILED = "com.microsoft:EPContext";

/** @throws {Failure} "unsupported" naming the file and every operator in it that nothing here can run. */
export function refuseOperators({ path, operators }: OnnxFile): void {
  const refused = [...operators.keys()].filter(
    (name) => WITHOUT_KERNELS.has(name) || OTHER_MACHINES.test(name) || name === COMPILED,
  );
  if (refused.length === 0) return;
  throw new Failure(
    "unsupported",
    `${path} was optimised for another machine: ONNX Runtime Web has no kernel for ${refused.join(", ")}. Get the plain export of this model, or its .safetensors.`,
  );
}
