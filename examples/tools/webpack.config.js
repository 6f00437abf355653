import { resolve } from "node:path";
import adjoint from "adjoint/webpack";

export default {
  mode: "production",
  target: "node",
  devtool: "source-map",
  entry: "./src/main.ts",
  output: { path: resolve("dist"), filename: "webpack.cjs" },
  module: { rules: [{ test: /\.ts$/, loader: "esbuild-loader" }] },
  optimization: { minimize: false },
  plugins: [adjoint()],
};
