/** Measures WebAssembly's memory. Browsers do not report it, so it is counted where it is made. It grows, and never shrinks. */

import type { MemoryGauge } from "../bench/subject";

const made: WebAssembly.Memory[] = [];
let isWatching = false;

/** To be called before the engine is loaded; memories that were made earlier are not known. */
export function wasmGauge(): MemoryGauge {
  if (!isWatching) {
    isWatching = true;
    WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
      construct(Memory, [descriptor]: [WebAssembly.MemoryDescriptor]) {
        const memory = new Memory(descriptor);
        made.push(memory);
        return memory;
      },
    });
  }
  const bytes = () => made.reduce((total, { buffer }) => total + buffer.byteLength, 0);
  return { kind: "wasm", bytes: async () => bytes(), peakBytes: bytes };
}
