/** Who may import whom. Read top to bottom: a folder may use only what is listed for it. */
const allowed = {
  core: [],
  prompt: ["core"],
  diffusion: ["core"],
  image: ["core"],
  checkpoint: ["core", "prompt", "diffusion"],
  pipeline: ["core", "prompt", "diffusion", "image", "checkpoint"],
  runtime: ["core", "checkpoint", "pipeline"],
  protocol: ["core"],
  storage: ["core", "protocol", "checkpoint"],
  bench: ["core", "protocol", "checkpoint", "pipeline", "prompt", "diffusion", "image", "runtime"],
  worker: ["core", "protocol", "checkpoint", "pipeline", "prompt", "diffusion", "image", "runtime", "bench", "storage"],
  client: ["core", "protocol"],
  app: ["core", "protocol", "client", "storage", "image", "checkpoint/layout"],
  cli: ["core", "protocol", "checkpoint", "pipeline", "prompt", "diffusion", "image", "runtime", "bench", "storage"],
  serviceWorker: ["core", "protocol"],
};
const tests = "\\.test\\.tsx?$|/testing\\.ts$";
const layer = ([folder, others]) => ({
  name: `${folder}-imports`,
  severity: "error",
  comment: `src/${folder} may import only: ${[folder, ...others].join(", ")}`,
  from: { path: `^src/${folder}/`, pathNot: tests },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...others].map((name) => (name.endsWith("/") ? name : `${name}/`)).join("|")})` },
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
    packages("onnxruntime", "runtime/ort/"),
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
