/** The package entry `adjoint/loader`: a loader, for tools that take these and no plugins (Turbopack). */
import { ModuleCompiler, type PluginOptions } from "../compileModule.js";

/** What loaders are called with. */
interface LoaderContext {
  readonly resourcePath: string;
  async(): (error: Error | null, code?: string, map?: object) => void;
  addDependency(path: string): void;
  emitWarning(warning: Error): void;
  getOptions?(): PluginOptions;
}

const compilers = new Map<string, ModuleCompiler>();

function compilerFor(options: PluginOptions): ModuleCompiler {
  const key = JSON.stringify(options);
  let compiler = compilers.get(key);
  if (!compiler) compilers.set(key, (compiler = new ModuleCompiler(options)));
  return compiler;
}

export default function loader(this: LoaderContext, code: string, map?: object): void {
  const done = this.async();
  const options = this.getOptions?.() ?? {};
  compilerFor(options)
    .transform(code, this.resourcePath)
    .then((result) => {
      result.dependencies.forEach((one) => this.addDependency(one));
      result.warnings.forEach((message) => this.emitWarning(new Error(message)));
      if (result.error && (options.failOnError ?? true)) return done(new Error(result.error.message));
      if (result.error) this.emitWarning(new Error(result.error.message));
      return result.code === null ? done(null, code, map) : done(null, result.code, result.map ?? undefined);
    })
    .catch(done);
}
