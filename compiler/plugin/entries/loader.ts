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

async function load(context: LoaderContext, code: string, map: object | undefined): Promise<[string, object?]> {
  const options = context.getOptions?.() ?? {};
  const result = await compilerFor(options).transform(code, context.resourcePath);
  result.dependencies.forEach((one) => context.addDependency(one));
  result.warnings.forEach((message) => context.emitWarning(new Error(message)));
  if (result.error && (options.failOnError ?? true)) throw new Error(result.error.message);
  if (result.error) context.emitWarning(new Error(result.error.message));
  return result.code === null ? [code, map] : [result.code, result.map ?? undefined];
}

const loader = function (this: LoaderContext, code: string, map?: object): void {
  const done = this.async();
  load(this, code, map).then((loaded) => done(null, ...loaded), done);
};

export default loader;
