import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // By default one core stays idle, of two.
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Loaded by Node, as packages are: the compiler asks the engine where their functions stand.
    server: { deps: { external: [/test\/packages\/javascript\//, /fixtures\/libraries\//] } },
  },
});
