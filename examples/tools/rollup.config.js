import adjoint from "adjoint/rollup";
import { transform } from "esbuild";

/** Any plugin for TypeScript will do; it comes after adjoint, which reads the types. */
const typescript = {
  name: "typescript",
  async transform(code, id) {
    if (!id.endsWith(".ts")) return null;
    const { code: javascript, map } = await transform(code, { loader: "ts", sourcemap: true, sourcefile: id });
    return { code: javascript, map };
  },
};

export default {
  input: "src/main.ts",
  plugins: [adjoint(), typescript],
  output: { file: "dist/rollup.js", sourcemap: true },
};
