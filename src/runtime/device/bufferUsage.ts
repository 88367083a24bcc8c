/** Flags of the WebGPU specification (sections 5.1.2 and 5.3), which TypeScript's library leaves out and Node does not have. */

/** `GPUBufferUsage`: what a buffer may be used for; flags are joined by `|`. */
export const BUFFER_USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 } as const;

/** `GPUMapMode.READ`: a buffer is mapped to be read on the host. */
export const MAP_MODE_READ = 1;
