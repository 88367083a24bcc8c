/** What the files of a model are, by their paths. */

/** True for the files of one network by itself, as diffusers saves it. @param paths "/" between names. */
export function isTinyDecoder(paths: readonly string[]): boolean {
  return (
    paths.includes("config.json") &&
    paths.some((path) => /^diffusion_pytorch_model(\.\w+)?\.safetensors$/.test(path)) &&
    !paths.some((path) => path.startsWith("unet/"))
  );
}
