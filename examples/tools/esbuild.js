import adjoint from "adjoint/esbuild";
import { build } from "esbuild";

await build({
  entryPoints: ["src/main.ts"],
  bundle: true,
  format: "esm",
  platform: "node",
  outfile: "dist/esbuild.js",
  sourcemap: true,
  plugins: [adjoint()],
});
