/** Plans the files of a repository of ready-made ONNX networks. */

import { onnxModelFiles, onnxPaths, usualOnnxFiles } from "../../checkpoint/layout/onnx";
import type { PlannedFile } from "../../protocol/library";
import type { Repository } from "./repository";

/** Graphs, the weights beside them, and configurations. @throws {Failure} "model-missing" if a network that every model has is not there. */
export async function onnxFiles(repository: Repository): Promise<PlannedFile[]> {
  const { paths } = repository;
  const wanted = paths === null ? usualOnnxFiles() : onnxModelFiles(paths);
  const found = await Promise.all(wanted.map((path) => repository.find(path)));
  const files = found.filter((file) => file !== null);
  onnxPaths(
    files.map(({ path }) => path),
    "repository",
  );
  return files;
}
