import { defineConfig } from "vitest/config";
import { bundledModels } from "./scripts/bundledModels.ts";

export default defineConfig({
  plugins: [
    bundledModels({ model: "models/tinyworld", graphs: "models/graphs/tinyworld", library: "models" }),
  ],
  test: {
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.ts"],
    // Two cores: more workers than that only wait for each other.
    maxWorkers: 2,
    testTimeout: 240_000,
  },
});
