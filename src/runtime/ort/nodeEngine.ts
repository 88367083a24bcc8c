/** ONNX Runtime Web in Node: the build that computes on the CPU. For the command line and the tests. */

import * as ort from "onnxruntime-web";
import { configure, type Engine } from "./engine";

/** Sets up the engine; there is nothing to fetch. @param cores how many it may use. */
export function loadNodeEngine(cores: number): Engine {
  return configure(ort, "plain", cores);
}
