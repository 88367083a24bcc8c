/** The pieces of WGSL that all kernels are made of: their parameters, and numbers in one of two dtypes. */

/** How numbers lie in a GPU buffer. */
export type FloatType = "float32" | "float16";

/** A compute shader. Binding 0 has its parameters, then come its sources, the last is its result. */
export interface Kernel {
  /** Same name, same code. */
  readonly name: string;
  code(): string;
}

/** Invocations of a workgroup, where they have nothing to say to each other. */
export const GROUP_SIZE = 64;

/** Parameter number `i` among the whole ones. */
export function whole(i: number): string {
  return `params.whole[${i >> 2}][${i & 3}]`;
}

/** Parameter number `i` among the real ones; four of them are a row, `params.real[row]`. */
export function real(i: number): string {
  return `params.real[${i >> 2}][${i & 3}]`;
}

/** Rows of four that so many parameters fill; an array in WGSL has at least one. */
export function rowsFor(count: number): number {
  return Math.max(1, Math.ceil(count / 4));
}

/** `wholes` u32 and `reals` f32. */
export function declareParams(wholes: number, reals: number): string {
  return `
struct Params { whole: array<vec4u, ${rowsFor(wholes)}>, real: array<vec4f, ${rowsFor(reals)}> }
@group(0) @binding(0) var<uniform> params: Params;`;
}

/**
 * `load0(i)`, `load1(i)`, …: number i of a source as f32. A float16 is taken out of a 32-bit word, so that the GPU need not
 * have `shader-f16`, and any offset will do.
 */
export function declareSources(dtypes: readonly FloatType[]): string {
  return dtypes
    .map((dtype, i) =>
      dtype === "float32"
        ? `
@group(0) @binding(${i + 1}) var<storage, read> source${i}: array<f32>;
fn load${i}(i: u32) -> f32 { return source${i}[i]; }`
        : `
@group(0) @binding(${i + 1}) var<storage, read> source${i}: array<u32>;
fn load${i}(i: u32) -> f32 { return unpack2x16float(source${i}[i >> 1u])[i & 1u]; }`,
    )
    .join("");
}

/** `result`, behind so many sources. */
export function declareResult(sources: number, element: "f32" | "u32"): string {
  return `
@group(0) @binding(${sources + 1}) var<storage, read_write> result: array<${element}>;`;
}

/** Does `body` for each `i` below `count`, side by side. Two dimensions, since one has at most 65,535 workgroups. */
export function forEach(count: string, body: string): string {
  return `
@compute @workgroup_size(${GROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * ${GROUP_SIZE}u;
  if (i >= ${count}) { return; }
  ${body}
}`;
}
