/** Finds the parts of a message that are transferred instead of copied. */

/** Every `ArrayBuffer` in a result, at any depth of plain objects and arrays; buffers behind typed arrays are copied. */
export function buffersIn(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  collect(value, found);
  return [...found];
}

function collect(value: unknown, found: Set<ArrayBuffer>): void {
  if (value instanceof ArrayBuffer) found.add(value);
  else if (isPlain(value)) for (const part of Object.values(value)) collect(part, found);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
