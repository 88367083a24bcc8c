/** Who may import whom. Read top to bottom: a folder may use only what is listed for it. */
const allowed = {
  core: [],
  prompt: ["core"],
  diffusion: ["core"],
  image: ["core"],
  pipeline: ["core", "prompt", "diffusion", "image"],
  runtime: ["core", "pipeline"],
  storage: ["core"],
  protocol: ["core"],
  bench: ["core", "pipeline", "prompt", "diffusion", "image", "runtime"],
  worker: ["core", "pipeline", "prompt", "diffusion", "image", "runtime", "bench", "storage", "protocol"],
  client: ["core", "protocol"],
  app: ["core", "protocol", "client", "storage", "image"],
  cli: ["core", "pipeline", "prompt", "diffusion", "image", "runtime", "bench", "storage", "protocol"],
  serviceWorker: ["core"],
};
const tests = "\\.test\\.tsx?$|/testing\\.ts$";
const layer = ([folder, others]) => ({
  name: `${folder}-imports`,
  severity: "error",
  comment: `src/${folder} may import only: ${[folder, ...others].join(", ")}`,
  from: { path: `^src/${folder}/`, pathNot: tests },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...others].join("|")})/` },
});
const packages = (name, owner) => ({
  name: `${name}-only-in-${owner}`.replace(/[^\w-]+/g, "-"),
  severity: "error",
  from: { path: "^src/", pathNot: [`^src/(${owner})`, tests] },
  to: { path: `node_modules/${name}` },
});
module.exports = {
  forbidden: [
    ...Object.entries(allowed).map(layer),
    packages("onnxruntime", "runtime/"),
    packages("@huggingface/", "prompt/"),
    packages("@xenova/", "nobody-but-tests/"),
    packages("(react|react-dom|zustand)/", "app/|main\\.tsx"),
    packages("workbox", "serviceWorker/|app/"),
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: {
        orphan: true,
        pathNot: ["\\.d\\.ts$", "\\.test\\.tsx?$", "__golden__", "__fixtures__", "^src/(main\\.tsx|worker/main\\.ts|serviceWorker/main\\.ts)$"],
      },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    doNotFollow: { path: "node_modules" },
  },
};
