/** The benchmark's plan, progress and report. */

import type { SamplerId } from "../core/recipe";

/** How much the benchmark measures. */
export interface BenchPlan {
  /** Pictures that the medians are of, drawn after one that warms up. */
  readonly pictures: number;
  /** The second number of pictures after which memory is looked at; the first is {@link FEW_PICTURES}. */
  readonly manyPictures: number;
  /** How long the table of steps, sizes and batches may take; points that would take longer are left out, and say so. 0: no table. */
  readonly scalingMs: number;
}

/** Memory is looked at after so many pictures, and again after many more: what grows between them leaks. */
export const FEW_PICTURES = 5;

/** The whole benchmark, and one that takes a fraction of its time. */
export const BENCH_PLANS = {
  whole: { pictures: 7, manyPictures: 50, scalingMs: 120_000 },
  quick: { pictures: 3, manyPictures: 15, scalingMs: 15_000 },
} as const satisfies Readonly<Record<string, BenchPlan>>;

/** Settings that the benchmark can change, to measure with and without them. One that is left out has its usual value. */
export interface BenchSwitches {
  /** The layout of convolutions' tensors on a GPU. */
  readonly layout?: "NCHW" | "NHWC";
  /** When the U-Net runs by graph capture. */
  readonly capture?: "never" | "cheap" | "always";
  /** Kernels use no subgroups. */
  readonly subgroups?: "never";
  /** The build for browsers whose WebAssembly cannot suspend itself. */
  readonly build?: "asyncify";
}

/** The parts of a benchmark, in their order. */
export const BENCH_PARTS = ["opening", "pictures", "memory", "scaling"] as const;

/** The progress of a benchmark. */
export interface BenchProgress {
  readonly part: (typeof BENCH_PARTS)[number];
  /** Pictures, or points of the table, of this part. */
  readonly done: number;
  readonly total: number;
}

/** The GPU that drew, as far as the browser describes it. */
export interface BenchGpu {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** True for a software GPU, which the CPU computes. */
  readonly isSoftware: boolean;
  /** Of the device that was opened, sorted. */
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

/** Where a benchmark ran. */
export interface BenchMachine {
  /** The CPU's own name; null in browsers, which do not say. */
  readonly cpu: string | null;
  readonly cores: number;
  /** Threads of WebAssembly. */
  readonly threads: number;
  /** All memory of the machine, or as much as a browser admits; null if it does not say. */
  readonly memoryGb: number | null;
  /** The program and its version: "Node 22.1.0", "Chromium 150.0.1.2". */
  readonly program: string;
  /** As the browser tells every site; null in Node. */
  readonly userAgent: string | null;
}

/** One kind of memory. */
export interface MemoryCourse {
  /** "process": resident; "wasm": WebAssembly's own, which never shrinks; "gpu": buffers that are alive. */
  readonly kind: "process" | "wasm" | "gpu";
  readonly fewBytes: number;
  readonly manyBytes: number;
  readonly peakBytes: number;
}

/** One point of the table of costs. */
export interface ScalingPoint {
  readonly steps: number;
  /** Of a square picture. */
  readonly sidePx: number;
  /** Pictures of consecutive seeds. */
  readonly pictures: number;
  /** Null if it was left out since it would have taken longer than there was time. */
  readonly measured: {
    /** All pictures of the point. */
    readonly totalMs: number;
    /** Of the sampler's loop, per step, picture and 128 x 128 pixels: the same everywhere if cost grows only with the work. */
    readonly unitMs: number;
    readonly totalOverBareCalls: number;
  } | null;
}

/**
 * Median milliseconds of one text, one step, one decoding and one prompt match (null if the model has none), of the rest of a picture
 * (`host`), and of a whole picture.
 */
export interface BenchMedians {
  readonly encode: number;
  readonly predict: number;
  readonly decode: number;
  readonly match: number | null;
  readonly host: number;
  readonly picture: number;
  /** A picture with a preview after each step. */
  readonly pictureWithPreviews: number;
}

/** The result of one benchmark on one backend. */
export interface BenchReport {
  /** UTC, as ISO 8601 has it. */
  readonly date: string;
  readonly versions: { readonly afterimage: string; readonly onnxruntime: string };
  readonly machine: BenchMachine;
  readonly backend: "wasm" | "webgpu";
  /** Null on the CPU. */
  readonly gpu: BenchGpu | null;
  /** How ONNX Runtime was set up: its build, and the switches that were set. */
  readonly engine: Readonly<Record<string, string>>;
  readonly model: string;
  readonly recipe: {
    readonly sampler: SamplerId;
    readonly steps: number;
    readonly guidance: number;
    readonly widthPx: number;
    readonly heightPx: number;
  };
  /** Pictures that the medians are of. */
  readonly pictures: number;
  /** From the beginning of opening to the first picture: at first, and once more when engine, files and shaders are known. */
  readonly firstPictureMs: { readonly cold: number; readonly warm: number };
  /** Of that, opening. */
  readonly openMs: { readonly cold: number; readonly warm: number };
  readonly medianMs: BenchMedians;
  /** A whole picture over the sum of its bare network calls on the same inputs: median. */
  readonly totalOverBareCalls: number;
  /** Bytes that the host reads between the first step and the last, without previews, per step; null on the CPU, which has nothing to read back. */
  readonly readBackBytesPerStep: number | null;
  /** The same pictures drawn naively; null for models that the naive loop does not know how to ask. */
  readonly naive: {
    readonly pictureMs: number;
    readonly readBackBytesPerStep: number | null;
    readonly overOurs: number;
    /** The greatest difference of a colour between its pictures and ours, in levels of 255. */
    readonly levelsApart: number;
  } | null;
  readonly memory: {
    readonly fewPictures: number;
    readonly manyPictures: number;
    readonly courses: readonly MemoryCourse[];
  };
  readonly scaling: readonly ScalingPoint[];
}
