/**
 * The package entry `adjoint/bun`: a plugin for `Bun.build`, and for `Bun.plugin` in a file that is preloaded, where modules are
 * replaced as they are loaded.
 */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { ModuleCompiler } from "../compileModule.js";
import { adjoint, type PluginOptions } from "../unplugin.js";

export type { PluginOptions } from "../unplugin.js";

interface Loaded {
  readonly contents: string;
  readonly loader: string;
}

/** What is used of Bun's own types. */
interface Builder {
  readonly config?: object;
  onLoad(options: { readonly filter: RegExp }, load: (args: { readonly path: string }) => Promise<Loaded>): unknown;
}

/** As `moduleFilter` says, in one expression: what a plugin hands on to Bun counts as a module of its own kind. */
const ownModules = /^(?!.*[\\/]node_modules[\\/])(?!.*\.d\.[cm]?ts$).*\.[cm]?[jt]sx?$/;

interface Plugin {
  readonly name: string;
  setup(build: Builder): void | Promise<void>;
}

export default function plugin(options?: PluginOptions): Plugin {
  return {
    name: "adjoint",
    setup(build) {
      if (build.config) return (adjoint.bun(options) as unknown as Plugin).setup(build);
      const compiler = new ModuleCompiler(options);
      build.onLoad({ filter: ownModules }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        const { code, error, warnings } = await compiler.transform(text, path);
        warnings.forEach((one) => console.warn(one));
        if (error && (options?.failOnError ?? true)) throw new Error(error.message);
        if (error) console.warn(error.message);
        return { contents: code ?? text, loader: extname(path).replace(/^\.[cm]?/, "") };
      });
    },
  };
}
