import adjoint from "adjoint/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [adjoint()],
  build: {
    lib: { entry: "src/main.ts", formats: ["es"], fileName: "vite" },
    emptyOutDir: false,
    minify: false,
    sourcemap: true,
  },
});
